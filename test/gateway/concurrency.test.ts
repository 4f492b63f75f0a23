import t from 'tap'
import { Concurrency, type NoTurn } from '../../gateway/upstream/concurrency.ts'
import { turn } from './upstream-fixture.ts'

function enter(gate: Concurrency, log: string[], name: string) {
  return gate.enter(
    () => log.push(name),
    (why: NoTurn) => log.push(`${name}: ${why}`),
  )
}

t.test('so many at one time, a few wait in order, the others are turned away', async (t) => {
  const gate = new Concurrency({ max: 2, queue: 2, waitMs: 60_000 })
  const log: string[] = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) enter(gate, log, name)
  t.same(log, ['a', 'b', 'e: full'])
  gate.leave()
  gate.leave()
  await turn()
  t.same(log.slice(3), ['c', 'd'])
  gate.leave()
  gate.leave()
  enter(gate, log, 'f')
  t.equal(log.at(-1), 'f')
})

t.test('who waits too long is turned away, and who left is passed over', async (t) => {
  const gate = new Concurrency({ max: 1, queue: 3, waitMs: 20 })
  const log: string[] = []
  enter(gate, log, 'a')
  enter(gate, log, 'b')?.()
  enter(gate, log, 'c')
  await new Promise((resolve) => setTimeout(resolve, 40))
  t.same(log, ['a', 'c: late'])
  gate.leave()
  await turn()
  enter(gate, log, 'd')
  t.equal(log.at(-1), 'd', 'the place is free again')
})
