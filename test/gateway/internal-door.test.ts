import t from 'tap'
import { jwtParts } from '../harness/index.ts'
import { internalToken, startOrder } from './internal-tokens.ts'
import { startRig } from './rig.ts'

t.test('the token of the next hop: same transaction and caller, less scope, longer chain', async (t) => {
  const rig = await startRig(t)
  const { token, txn } = await startOrder(rig)
  const answer = await rig.inside('orders', {
    method: 'POST',
    path: '/inventory/reservations?x=1',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"sku":"oak"}',
  })
  t.equal(answer.status, 200, answer.text)
  const seen = rig.services.inventory.only()
  t.match(seen, { method: 'POST', path: '/reservations?x=1', body: '{"sku":"oak"}' })
  t.equal(seen.peer, 'spiffe://gatehouse.local/gateway')
  t.equal(seen.headers['x-request-id'], txn)
  const parent = jwtParts(token).payload
  const { payload } = jwtParts(seen.headers.authorization?.slice(7) ?? '')
  t.match(payload, {
    aud: 'inventory',
    scope: 'inventory:reserve',
    req_wl: 'spiffe://gatehouse.local/gateway',
    act: { sub: 'spiffe://gatehouse.local/orders' },
  })
  for (const claim of ['txn', 'sub', 'client_id', 'sid', 'roles', 'rctx', 'tctx', 'iss']) {
    t.same(payload[claim], parent[claim], claim)
  }
  t.not(payload['jti'], parent['jti'])
  t.ok(Number(payload['exp']) <= Number(parent['exp']))
  t.match((await rig.lines(2)).at(-1), {
    txn,
    peer: 'orders',
    upstream: 'inventory',
    path: '/inventory/reservations',
    sub: 'acc-alice',
    status: 200,
  })
})

t.test(
  'the chain grows by the workload that asks, and its token goes no further than its parent',
  async (t) => {
    const rig = await startRig(t, {
      config: 'edges: [{ from: inventory, to: users, scopes: [users:read] }]',
    })
    const token = await internalToken(rig, {
      aud: 'inventory',
      scope: 'users:read inventory:reserve',
      act: { sub: 'spiffe://gatehouse.local/orders' },
      exp: Math.floor(Date.now() / 1000) + 5,
    })
    const answer = await rig.inside('inventory', {
      path: '/users/api/users/me',
      headers: { authorization: `Bearer ${token}` },
    })
    t.equal(answer.status, 200)
    const { payload } = jwtParts(rig.services.users.only().headers.authorization?.slice(7) ?? '')
    t.same(payload['act'], {
      sub: 'spiffe://gatehouse.local/inventory',
      act: { sub: 'spiffe://gatehouse.local/orders' },
    })
    t.equal(payload['exp'], jwtParts(token).payload['exp'])
  },
)

t.test('a workload may ask for less', async (t) => {
  const rig = await startRig(t, {
    config: 'edges: [{ from: orders, to: inventory, scopes: [inventory:reserve, users:read] }]',
  })
  const { token } = await startOrder(rig)
  const ask = (scope: string) =>
    rig.inside('orders', {
      path: '/inventory/x',
      headers: { authorization: `Bearer ${token}`, 'gatehouse-scope': scope },
    })
  await ask('users:read orders:write')
  const { payload } = jwtParts(rig.services.inventory.only().headers.authorization?.slice(7) ?? '')
  t.equal(payload['scope'], 'users:read', 'what the edge does not have is left out')
  const none = await ask('orders:write')
  t.match([none.status, none.json['code']], [403, 'insufficient_scope'])
  const odd = await ask('a  b')
  t.match([odd.status, odd.json['code']], [400, 'invalid_request'])
  t.equal(rig.services.inventory.seen.length, 0)
})

t.test('the keys are for everyone', async (t) => {
  const rig = await startRig(t)
  const answer = await rig.inside(null, { path: '/.well-known/jwks.json' })
  t.equal(answer.status, 200)
  t.match(answer.headers['cache-control'], /max-age=\d+/)
  t.match(answer.json, { keys: [{ kty: 'EC', crv: 'P-256', kid: String }] })
  t.notMatch(answer.text, /"d"/, 'without the private parts')
})

t.test('a trace goes on with the door as a step of its own, or begins', async (t) => {
  const rig = await startRig(t)
  const { token } = await startOrder(rig)
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const ask = async (headers: Readonly<Record<string, string>>) => {
    await rig.inside('orders', {
      path: '/inventory/x',
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    return rig.services.inventory.only().headers
  }
  const seen = await ask({ traceparent: `00-${trace}-00f067aa0ba902b7-01`, tracestate: 'a=1' })
  t.match(seen, { traceparent: new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`), tracestate: 'a=1' })
  t.notMatch(seen['traceparent'], '00f067aa0ba902b7')
  for (const traceparent of ['00-nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]) {
    const begun = await ask({ traceparent, tracestate: 'a=1' })
    t.match(begun['traceparent'], /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/, traceparent)
    t.notMatch(begun['traceparent'], traceparent)
    t.notOk('tracestate' in begun, 'that of another trace')
  }
  t.match((await ask({}))['traceparent'], /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})
