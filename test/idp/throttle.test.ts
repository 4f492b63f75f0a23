import t from 'tap'
import { MemoryLimiter } from '../../idp/accounts/throttle.ts'

const minuteMs = 60_000

t.test('a clock that is set back locks nobody out for longer than a window', async (t) => {
  let now = Date.now()
  const limiter = new MemoryLimiter({ limit: { count: 2, windowMs: minuteMs }, clock: { now: () => now } })
  const takeThree = () => [1, 2, 3].map(() => limiter.take('alice'))
  t.same(takeThree(), [0, 0, minuteMs])
  now -= 24 * 60 * minuteMs
  t.same(takeThree(), [0, 0, minuteMs], 'and the limit holds')
})

t.test('it opens no limit within its window', async (t) => {
  let now = Date.now()
  const limiter = new MemoryLimiter({ limit: { count: 1, windowMs: minuteMs }, clock: { now: () => now } })
  t.equal(limiter.take('alice'), 0)
  now += 30_000
  now -= 10_000
  t.equal(limiter.take('alice'), 40_000)
})
