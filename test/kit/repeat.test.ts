import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { repeat } from '@gatehouse/kit/repeat'

const fail = (error: unknown): void => {
  throw error
}

t.test('one round at a time, and the next after one that failed', async (t) => {
  const told: unknown[] = []
  let running = 0
  let most = 0
  let rounds = 0
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    rounds += 1
    // Longer than from one beginning to the next.
    await delay(10)
    running -= 1
    if (rounds === 2) throw new Error('lost')
    if (rounds === 4) resolve()
  }
  const stop = repeat({ everyMs: 1, run, failed: (error) => told.push(error) })
  // The timer does not keep a process alive; this one is to wait for it.
  const awake = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(awake))
  await enough
  await stop()
  t.equal(most, 1)
  t.match(told, [new Error('lost')])
})

t.test('who stops it tells the round that is under way, and waits for its end', async (t) => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  let hasEnded = false
  const run = async (stopped: AbortSignal): Promise<void> => {
    begin()
    await once(stopped, 'abort')
    await delay(5)
    hasEnded = true
  }
  const stop = repeat({ everyMs: 1, run, failed: fail })
  const awake = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(awake))
  await begun
  await stop()
  t.ok(hasEnded)
})

t.test('one that is stopped before it began does nothing', async (t) => {
  let rounds = 0
  const run = async (): Promise<void> => void (rounds += 1)
  const stop = repeat({ everyMs: 1, run, failed: fail })
  await stop()
  await delay(10)
  t.equal(rounds, 0)
})
