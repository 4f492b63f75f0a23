import t, { type Test } from 'tap'
import type { Sending } from './client.ts'
import { refused } from './refused.ts'
import { startRig, type Rig } from './rig.ts'

const config = `
limitPolicies:
  per-person: { rate: 3/h, by: [subject] }
  per-client: { rate: 3/h, by: [client] }
  per-session: { rate: 3/h, by: [session] }
  per-net: { rate: 3/h, by: [address] }
  per-route: { rate: 3/h, by: [route] }
  mixed: { rate: 3/h, by: [subject, route] }
  bursts: { rate: 5/h, burst: 3/s, by: [subject] }
  same: { rate: 4/h, burst: 3/s, by: [subject] }
routes:
  - { id: users.me, limits: { policies: [per-person] } }
  - { id: orders.list, limits: { policies: [per-client] } }
  - { id: orders.read, limits: { policies: [mixed] } }
  - { id: inventory.list, limits: { policies: [mixed] } }
  - { id: inventory.set, limits: { policies: [per-session] } }
  - { id: bursts, match: { path: /bursts, methods: [GET] }, authn: none, limits: { policies: [bursts] }, upstream: users }
  - { id: all, match: { path: /all, methods: [GET] }, authn: [bearer], authz: { scopes: [users:read] },
      token: { scopes: [users:read] }, limits: { policies: [per-route] }, upstream: users }
  - { id: two, match: { path: /two, methods: [GET] }, authn: [bearer], authz: { scopes: [users:read] },
      token: { scopes: [users:read] }, limits: { rate: 100/min, policies: [per-net] }, upstream: users }
  - { id: same, match: { path: /same, methods: [GET] }, authn: none, limits: { rate: 100/min, policies: [same] }, upstream: users }
  - { id: same.burst, match: { path: /same/burst, methods: [GET] }, authn: none, limits: { rate: 100/min, policies: [same] }, upstream: users }
`

const over = [429, 'rate_limited'] as const

async function pass(t: Test, rig: Rig, times: number, sending: Sending & { token?: string | null }) {
  for (let n = 0; n < times; n++) t.equal((await rig.call(sending)).status, 200)
}

t.test('each policy counts what it says', async (t) => {
  const rig = await startRig(t, { config })
  const { issuer } = rig
  const other = issuer.token({ client_id: 'other', sid: 'sid-2' })
  const bob = issuer.token({ sub: 'acc-bob', sid: 'sid-3' })

  await pass(t, rig, 3, { path: '/api/users/me' })
  await refused(t, rig, 'the person by another client', { path: '/api/users/me', token: other }, over)
  await pass(t, rig, 1, { path: '/api/users/me', token: bob })

  await pass(t, rig, 3, { path: '/api/orders' })
  await refused(t, rig, 'another person, the same client', { path: '/api/orders', token: bob }, over)
  await pass(t, rig, 1, { path: '/api/orders', token: other })

  await pass(t, rig, 3, { path: '/all' })
  await refused(t, rig, 'everybody together', { path: '/all', token: bob }, over)

  const put = { method: 'PUT', path: '/api/inventory/oak', body: '{}' }
  await pass(t, rig, 3, put)
  await refused(t, rig, 'another token of the session', { ...put, token: issuer.token() }, over)
  await pass(t, rig, 1, { ...put, token: other })
  const machine = { sid: undefined, sub: 'machine' }
  await pass(t, rig, 3, { ...put, token: issuer.token(machine) })
  await refused(t, rig, 'no session: by subject', { ...put, token: issuer.token(machine) }, over)
})

t.test('routes share a policy, unless it says by route', async (t) => {
  const rig = await startRig(t, { config })
  await pass(t, rig, 3, { path: '/api/orders/7' })
  await refused(t, rig, 'the route', { path: '/api/orders/8' }, over)
  await pass(t, rig, 3, { path: '/api/inventory' })
})

t.test('several limits hold at once, and the headers tell of each', async (t) => {
  const rig = await startRig(t, { config })
  const { headers } = await rig.call({ path: '/two' })
  t.equal(headers['ratelimit-policy'], '"two";q=100;w=60, "per-net";q=3;w=3600')
  t.match(headers['ratelimit'], /^"two";r=99;t=60, "per-net";r=2;t=3600$/)
  await pass(t, rig, 2, { path: '/two' })
  const token = rig.issuer.token({ sub: 'acc-bob' })
  const answer = await refused(t, rig, 'somebody else at the address', { path: '/two', token }, over)
  t.match(answer.headers['ratelimit'], /^"two";r=99;t=60, "per-net";r=0;t=3600$/)
  t.equal(answer.headers['retry-after'], '3600')
  t.match(await rig.metrics(), 'gatehouse_gateway_rate_limited_total{policy="per-net"} 1')
})

t.test('what limits one request has names that differ, whatever the route is called', async (t) => {
  const rig = await startRig(t, { config })
  const namesAt = async (path: string) => {
    const { headers } = await rig.call({ path, token: null })
    return ['ratelimit-policy', 'ratelimit'].map((name) => String(headers[name]).match(/"[^"]*"/g))
  }
  const same = ['"same.burst"', '"same.route"', '"same"']
  t.same(await namesAt('/same'), [same, same])
  const burst = ['"same.burst"', '"same.burst.route"', '"same"']
  t.same(await namesAt('/same/burst'), [burst, burst])
})

t.test('a burst ends before the rate does, and takes nothing from it', async (t) => {
  const rig = await startRig(t, { config })
  const sending = { path: '/bursts', token: null }
  await pass(t, rig, 3, sending)
  for (let n = 0; n < 20; n++) {
    const answer = await refused(t, rig, 'the burst', sending, over)
    t.equal(answer.headers['retry-after'], '1')
    t.equal(answer.headers['ratelimit-policy'], '"bursts.burst";q=3;w=1, "bursts";q=5;w=3600')
  }
  rig.clock.advance(1_001)
  await pass(t, rig, 2, sending)
  const answer = await refused(t, rig, 'the rate', sending, over)
  t.match(answer.headers['ratelimit'], /^"bursts\.burst";r=0;t=1, "bursts";r=0;t=3599$/)
  t.equal(answer.headers['retry-after'], '3599')
})
