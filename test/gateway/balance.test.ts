import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '@gatehouse/kit/config/load'
import { StartError } from '@gatehouse/kit/errors'
import { Upstream } from '../../gateway/upstream/upstream.ts'
import { composeConfig } from '../harness/config.ts'
import { createTrust } from '../harness/internal.ts'

const dir = t.testdir({ 'gatehouse.yaml': composeConfig(undefined) })
const trust = await createTrust(dir)
const file = join(dir, 'gatehouse.yaml')
const { orders } = loadConfig({ file, dataDir: dir, portBase: 3000, env: {} }).upstreams
if (orders === undefined) throw new Error('the default configuration has no orders')
const targets = ['https://localhost:1', 'https://localhost:2', 'https://localhost:3']
const upstream = (balance: 'round-robin' | 'least-requests', to: readonly string[] = targets) =>
  new Upstream(
    { ...orders, balance, targets: to.map((url) => ({ url, weight: 1, canary: false })) },
    trust.workload('gateway'),
  )

t.test('round-robin takes turns', async (t) => {
  const rr = upstream('round-robin')
  const picks = Array.from({ length: 6 }, () => rr.pick().origin)
  t.same(new Set(picks.slice(0, 3)), new Set(targets))
  t.same(picks.slice(3), picks.slice(0, 3))
  await rr.close()
})

t.test('least-requests spares the busy one, and shares among idle ones', async (t) => {
  const least = upstream('least-requests')
  const busy = least.pick()
  busy.inFlight = 5
  const picks = Array.from({ length: 6 }, () => least.pick().origin)
  t.notOk(picks.includes(busy.origin))
  t.equal(new Set(picks).size, 2)
  await least.close()
})

t.test('a target that is not https does not start', async (t) => {
  for (const target of [
    'http://localhost:4002',
    'https://localhost:1/path',
    'localhost:1',
    'https://u:p@localhost:1',
  ]) {
    t.throws(() => upstream('round-robin', [target]), StartError, target)
  }
  t.throws(() => upstream('round-robin', []), StartError, 'none at all')
})
