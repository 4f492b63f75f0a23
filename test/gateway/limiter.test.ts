import t from 'tap'
import { createLimiter } from '../../gateway/limits/limiter.ts'
import { installClock } from '../harness/clock.ts'

const minute = { count: 2, windowMs: 60_000 }

t.test('a clock that is set back locks nobody out for longer than a window', async (t) => {
  const clock = installClock()
  t.teardown(() => clock.restore())
  const limiter = createLimiter('test', minute)
  for (const exceeded of [false, false, true]) t.match(limiter.hit('alice'), { exceeded })
  t.match(limiter.peek('alice'), { exceeded: true })
  clock.advance(-3_600_000)
  t.match(limiter.peek('alice'), { exceeded: false })
  t.match(limiter.hit('alice'), { exceeded: false, remaining: 1, resetSeconds: 60 })
  t.match(limiter.hit('alice'), { exceeded: false, remaining: 0 })
  t.match(limiter.hit('alice'), { exceeded: true }, 'and the limit holds')
})

t.test('it opens no limit within its window', async (t) => {
  const clock = installClock()
  t.teardown(() => clock.restore())
  const limiter = createLimiter('test', minute)
  for (const exceeded of [false, false, true]) t.match(limiter.hit('alice'), { exceeded })
  clock.advance(30_000)
  clock.advance(-10_000)
  t.match(limiter.hit('alice'), { exceeded: true, resetSeconds: 40 })
})
