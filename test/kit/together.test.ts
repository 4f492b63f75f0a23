import { QueryError, StoreError } from '@gatehouse/kit/store/errors'
import { BySize } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import { CompiledQuery } from '@gatehouse/kit/store/kysely'
import t from 'tap'

type Run = (items: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, string>>

/** Remembers which keys went together. */
function watched(same: 'share' | 'queue', run: Run) {
  const batches: string[][] = []
  const together = new Together<number, string>({
    same,
    run(items) {
      batches.push([...items.keys()])
      return run(items)
    },
  })
  return { batches, together }
}

const echo: Run = async (items) => new Map(Array.from(items, ([key, item]) => [key, `${key}${item}`]))

t.test('what is asked in one turn goes together, and each gets its own answer', async (t) => {
  const { batches, together } = watched('queue', echo)
  t.same(await Promise.all(['a', 'b', 'c'].map((key, n) => together.ask(key, n))), ['a0', 'b1', 'c2'])
  t.same(batches, [['a', 'b', 'c']])
})

t.test('what is not there is answered undefined', async (t) => {
  const { together } = watched('share', async () => new Map([['a', 'found']]))
  t.same(await Promise.all([together.ask('a', 1), together.ask('b', 1)]), ['found', undefined])
})

t.test('the same key shares one answer, or waits for one of its own', async (t) => {
  const shared = watched('share', echo)
  t.same(await Promise.all([1, 2, 3].map((n) => shared.together.ask('a', n))), ['a1', 'a1', 'a1'])
  t.same(shared.batches, [['a']])
  const queued = watched('queue', echo)
  t.same(await Promise.all([1, 2, 3].map((n) => queued.together.ask('a', n))), ['a1', 'a2', 'a3'])
  t.same(queued.batches, [['a'], ['a'], ['a']])
})

t.test('who asks once a statement is under way is in the next one', async (t) => {
  const first = Promise.withResolvers<void>()
  let version = 0
  const { together } = watched('share', async (items) => {
    version += 1
    const answer = `version ${version}`
    if (version === 1) await first.promise
    return new Map(Array.from(items.keys(), (key) => [key, answer]))
  })
  const early = together.ask('a', 1)
  await new Promise(setImmediate)
  const late = together.ask('a', 1)
  first.resolve()
  t.same(await Promise.all([early, late]), ['version 1', 'version 2'])
})

t.test('a statement has a bound', async (t) => {
  const { batches, together } = watched('queue', echo)
  await Promise.all(Array.from({ length: 100 }, (_, n) => together.ask(`k${n}`, n)))
  t.same(
    batches.map((batch) => batch.length),
    [32, 32, 32, 4],
  )
})

t.test('who is refused does not take the neighbours along', async (t) => {
  const { together } = watched('queue', async (items) => {
    if (items.has('bad')) throw new QueryError('22021', 'no')
    return echo(items)
  })
  const [good, bad, other] = await Promise.allSettled(
    ['good', 'bad', 'other'].map((key, n) => together.ask(key, n)),
  )
  t.match(good, { value: 'good0' })
  t.match(bad, { reason: { code: '22021' } })
  t.match(other, { value: 'other2' })
})

t.test('what was rolled back is tried again by itself, what was lost is not', async (t) => {
  for (const [code, tries] of [
    ['40P01', 3],
    ['CONNECTION_LOST', 1],
  ] as const) {
    const { batches, together } = watched('queue', async (items) => {
      if (items.size > 1) throw new StoreError(code)
      return echo(items)
    })
    const results = await Promise.allSettled([together.ask('a', 1), together.ask('b', 2)])
    t.equal(batches.length, tries, code)
    t.equal(
      results.every(({ status }) => status === 'fulfilled'),
      tries > 1,
    )
  }
})

t.test('the queue has an end', async (t) => {
  const { together } = watched('queue', echo)
  const waiting = Array.from({ length: 20_000 }, (_, n) => together.ask(`k${n}`, n))
  await t.rejects(together.ask('one more', 1), new StoreError('STORE_BACKLOG'))
  await Promise.all(waiting)
  t.equal(await together.ask('later', 1), 'later1')
})

t.test('a query for several rows takes exactly their parameters', (t) => {
  let built = 0
  const bySize = new BySize((size) => {
    built += 1
    return CompiledQuery.raw(
      'select',
      Array.from({ length: size }, () => 0),
    )
  })
  t.same(bySize.query(2, ['a', 'b']).parameters, ['a', 'b'])
  t.same(bySize.query(2, ['c', 'd']).parameters, ['c', 'd'])
  t.equal(built, 1)
  t.throws(() => bySize.query(2, ['a']), RangeError)
  t.end()
})
