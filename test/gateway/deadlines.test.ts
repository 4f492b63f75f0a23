import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Deadlines } from '../../gateway/upstream/deadlines.ts'
import { eventually } from '../harness/eventually.ts'

t.test(
  'each comes at its time, the shorter before the longer, equal ones in the order of their beginning',
  async (t) => {
    const deadlines = new Deadlines()
    const came: string[] = []
    const begun = performance.now()
    const at = (ms: number, name: string): void => {
      deadlines.after(ms, () => {
        came.push(name)
        t.ok(performance.now() - begun >= ms - 1, `${name} not before its time`)
      })
    }
    at(60, 'long')
    at(20, 'first')
    at(20, 'second')
    await eventually(() => came.length >= 3)
    t.same(came, ['first', 'second', 'long'])
  },
)

t.test('what was called off does not come, wherever it stood, and what began later still does', async (t) => {
  const deadlines = new Deadlines()
  const came: number[] = []
  const all = [0, 1, 2, 3].map((n) => deadlines.after(30, () => came.push(n)))
  for (const n of [0, 2]) all[n]?.cancel()
  all[0]?.cancel()
  await sleep(15)
  deadlines.after(30, () => came.push(4))
  await eventually(() => came.includes(4))
  t.same(came, [1, 3, 4])
  all[1]?.cancel()
  deadlines.after(5, () => came.push(5))
  await eventually(() => came.includes(5))
  t.same(came, [1, 3, 4, 5], 'after it had run dry')
})

t.test('one that comes may begin or call off others', async (t) => {
  const deadlines = new Deadlines()
  const came: string[] = []
  deadlines.after(10, () => {
    came.push('one')
    two.cancel()
    deadlines.after(10, () => came.push('three'))
  })
  const two = deadlines.after(10, () => came.push('two'))
  await eventually(() => came.includes('three'))
  t.same(came, ['one', 'three'])
})
