import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Newcomers } from '../../idp/http/newcomers.ts'

/** In what order things happened says more than how long they took. */
async function order(...steps: readonly (readonly [string, Promise<unknown>])[]): Promise<readonly string[]> {
  const done: string[] = []
  await Promise.all(steps.map(([name, step]) => step.then(() => done.push(name))))
  return done
}

t.test('a busy server waits for nothing, one that is alone for who may follow', async (t) => {
  const newcomers = new Newcomers()
  t.same(await order(['alone', newcomers.settled(true)], ['busy', newcomers.settled(false)]), [
    'busy',
    'alone',
  ])
})

t.test('connections that go on coming are waited for, until it is too long', async (t) => {
  const newcomers = new Newcomers()
  // It goes on with each that comes: for a process that waits for its core the time between two would be long.
  let time = 0
  const now = performance.now.bind(performance)
  performance.now = () => time
  const coming = setInterval(() => {
    time += 1
    newcomers.arrived()
  }, 1)
  t.teardown(() => {
    clearInterval(coming)
    performance.now = now
  })
  newcomers.arrived()
  await newcomers.settled(false)
  t.ok(time >= 60, 'while they come')
  clearInterval(coming)
  time += 20
  t.same(await order(['settled', newcomers.settled(false)], ['later', sleep(8)]), ['settled', 'later'])
})
