import t from 'tap'
import { Backoff } from '@gatehouse/kit/backoff'

const longest = (): number => 1

t.test('who begins together with the other side asks often for four seconds, then less and less', (t) => {
  const backoff = new Backoff()
  const pauses = Array.from({ length: 80 }, () => backoff.next(longest))
  t.equal(pauses[0], 30)
  const beginning = pauses.slice(0, 52)
  t.ok(Math.max(...beginning) <= 100)
  const sum = beginning.reduce((total, ms) => total + ms, 0)
  t.ok(sum > 4000 && sum < 6000, `${sum} ms`)
  t.equal(pauses.at(-1), 5000)
  t.same(
    pauses,
    pauses.toSorted((a, b) => a - b),
  )
  t.end()
})

t.test('one that has lost it asks less often at once', (t) => {
  const backoff = new Backoff()
  backoff.reset()
  const pauses = Array.from({ length: 14 }, () => backoff.next(longest))
  t.equal(pauses[0], 30)
  t.ok((pauses[4] ?? 0) > 100)
  t.equal(pauses.at(-1), 5000)
  backoff.reset()
  t.equal(backoff.next(longest), 30)
  t.end()
})

t.test('by chance up to half shorter', (t) => {
  t.equal(
    new Backoff().next(() => 0),
    15,
  )
  t.end()
})
