import t from 'tap'
import { StartError } from '@gatehouse/kit/errors'
import type { Upstream } from '../../gateway/upstream/upstream.ts'
import { createTrust } from '../harness/internal.ts'
import { makeUpstream, tally } from './upstream-fixture.ts'

const trust = await createTrust(t.testdir())
const targets = ['https://localhost:1', 'https://localhost:2', 'https://localhost:3']
const nothing = { key: undefined, canary: undefined, not: undefined }
const picks = (upstream: Upstream, count: number, wish = {}) =>
  Array.from({ length: count }, () => upstream.pick({ ...nothing, ...wish }).id)

t.test('round-robin takes turns', async (t) => {
  const upstream = makeUpstream(trust, { balance: 'round-robin' })
  const seen = picks(upstream, 6)
  t.same(new Set(seen.slice(0, 3)), new Set(targets))
  t.same(seen.slice(3), seen.slice(0, 3))
  await upstream.close()
})

t.test('round-robin by weight is exact, and mixed', async (t) => {
  const [a = '', b = ''] = targets
  const upstream = makeUpstream(trust, { targets: [{ url: a, weight: 4 }, b] })
  t.same(picks(upstream, 10), [a, a, b, a, a, a, a, b, a, a])
  await upstream.close()
})

t.test('least-requests spares the busy one, and shares among idle ones', async (t) => {
  const upstream = makeUpstream(trust, { balance: 'least-requests' })
  const busy = upstream.pick(nothing)
  busy.inFlight = 5
  const seen = tally(picks(upstream, 64))
  t.notOk(busy.id in seen)
  t.equal(Object.keys(seen).length, 2)
  await upstream.close()
})

t.test('least-requests by weight: idle targets get what they should', async (t) => {
  const [a = '', b = ''] = targets
  const upstream = makeUpstream(trust, { balance: 'least-requests', targets: [{ url: a, weight: 9 }, b] })
  const seen = tally(picks(upstream, 2000))
  t.ok((seen[b] ?? 0) > 100 && (seen[b] ?? 0) < 320, `${seen[b]} of 2,000 where 200 are due`)
  await upstream.close()
})

t.test('hash: a key stays, keys are spread, and a lost target moves only its own', async (t) => {
  const keys = Array.from({ length: 3000 }, (_, at) => `acc-${at}`)
  const three = makeUpstream(trust, { balance: 'hash' })
  const two = makeUpstream(trust, { balance: 'hash', targets: targets.slice(0, 2) })
  const placed = (upstream: Upstream) => keys.map((key) => upstream.pick({ ...nothing, key }).id)
  const before = placed(three)
  t.same(placed(three), before)
  for (const count of Object.values(tally(before))) t.ok(count > 800 && count < 1200, `${count} of 3,000`)
  const moved = placed(two).filter((id, at) => id !== before[at] && before[at] !== targets[2])
  t.equal(moved.length, 0)
  await Promise.all([three.close(), two.close()])
})

t.test('canary: by weight without a header, by the header alone with one', async (t) => {
  const [a = '', b = ''] = targets
  const upstream = makeUpstream(trust, {
    targets: [
      { url: a, weight: 9 },
      { url: b, canary: true },
    ],
  })
  t.same(tally(picks(upstream, 100)), { [a]: 90, [b]: 10 })
  t.same(tally(picks(upstream, 10, { canary: 'always' })), { [b]: 10 })
  t.same(tally(picks(upstream, 10, { canary: 'never' })), { [a]: 10 })
  await upstream.close()
})

t.test('a target that is not https does not start', async (t) => {
  t.throws(() => makeUpstream(trust, { targets: ['http://localhost:4002'] }), StartError)
  t.throws(() => makeUpstream(trust, { targets: [] }), StartError, 'none at all')
})
