import t from 'tap'
import { Turns } from '../../idp/turns.ts'

/** Work that goes on until it is told to end. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { promise, resolve, reject }
}

t.test('so many at once, the others in the order in which they came', async (t) => {
  const turns = new Turns({ atOnce: 2, longestQueue: 10 })
  const jobs = [work(), work(), work(), work()]
  const begun: number[] = []
  const done = jobs.map((job, at) =>
    turns.take(() => {
      begun.push(at)
      return job.promise
    }),
  )
  await Promise.resolve()
  t.same(begun, [0, 1])
  jobs[1]?.resolve()
  await done[1]
  t.same(begun, [0, 1, 2])
  for (const job of jobs) job.resolve()
  await Promise.all(done)
  t.same(begun, [0, 1, 2, 3])
})

t.test('who finds the queue full is told at once, and room is made by who leaves', async (t) => {
  const turns = new Turns({ atOnce: 1, longestQueue: 1 })
  const first = work()
  const running = turns.take(() => first.promise)
  const waiting = turns.take(async () => 'second')
  t.equal(turns.isFull, true)
  await t.rejects(
    turns.take(async () => 'third'),
    { code: 'rate_limited', headers: { 'retry-after': '1' } },
  )
  first.resolve()
  await running
  t.equal(await waiting, 'second')
  t.equal(turns.isFull, false)
  t.equal(await turns.take(async () => 'fourth'), 'fourth')
})

t.test('work that fails gives its turn back', async (t) => {
  const turns = new Turns({ atOnce: 1, longestQueue: 1 })
  await t.rejects(
    turns.take(() => Promise.reject(new Error('no'))),
    /no/,
  )
  t.equal(await turns.take(async () => 1), 1)
})
