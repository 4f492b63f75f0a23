import t from 'tap'
import { jwtParts } from '../harness/index.ts'
import { startOrder } from './internal-tokens.ts'
import { startRig } from './rig.ts'

const config = `edges:
  - { from: orders, to: inventory, scopes: [inventory:reserve], ownScopes: [inventory:release] }
  - { from: orders, to: users, scopes: [users:read] }`
const own = { 'gatehouse-behalf': 'own' }

t.test('a workload that says so gets a token for itself, with what the edge gives it alone', async (t) => {
  const rig = await startRig(t, { config })
  const answer = await rig.inside('orders', { path: '/inventory/things', headers: own })
  t.equal(answer.status, 200, answer.text)
  const { payload } = jwtParts(rig.services.inventory.only().headers.authorization?.slice(7) ?? '')
  t.match(payload, {
    aud: 'inventory',
    sub: 'spiffe://gatehouse.local/orders',
    client_id: 'orders',
    scope: 'inventory:release',
    req_wl: 'spiffe://gatehouse.local/gateway',
    rctx: { authn: 'workload' },
    txn: /^txn_/,
  })
  for (const claim of ['act', 'sid', 'roles']) t.notOk(claim in payload, claim)
  t.match((await rig.lines()).at(-1), { peer: 'orders', upstream: 'inventory', status: 200 })
})

t.test('everything else is refused, and the service hears nothing', async (t) => {
  const rig = await startRig(t, { config })
  const { token } = await startOrder(rig)
  rig.services.inventory.seen.length = 0
  const authorization = `Bearer ${token}`
  const cases: readonly (readonly [string, string, string, Record<string, string>, number])[] = [
    ['nothing said', 'orders', '/inventory/x', {}, 401],
    [
      'what flows for callers',
      'orders',
      '/inventory/x',
      { ...own, 'gatehouse-scope': 'inventory:reserve' },
      403,
    ],
    ['an edge for callers only', 'orders', '/users/x', own, 403],
    ['no edge', 'users', '/inventory/x', own, 403],
    ['with a token besides', 'orders', '/inventory/x', { ...own, authorization }, 400],
    ['on whose behalf?', 'orders', '/inventory/x', { 'gatehouse-behalf': 'inventory' }, 400],
  ]
  for (const [what, from, path, headers, status] of cases) {
    t.equal((await rig.inside(from, { path, headers })).status, status, what)
  }
  t.same(rig.services.inventory.seen, [])
})

t.test('the token endpoint gives it alone, for the workload to present', async (t) => {
  const rig = await startRig(t, { config })
  const ask = async (form: Record<string, string>, from = 'orders') => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(form).toString()
    const { status, json } = await rig.inside(from, { method: 'POST', path: '/token', headers, body })
    return { status, json: Object(json) }
  }
  const form = { grant_type: 'client_credentials', audience: 'inventory' }
  const { status, json } = await ask(form)
  t.match({ status, json }, { status: 200, json: { token_type: 'Bearer', scope: 'inventory:release' } })
  const { payload } = jwtParts(json.access_token)
  t.match(payload, { sub: 'spiffe://gatehouse.local/orders', req_wl: 'spiffe://gatehouse.local/orders' })
  t.match(await ask({ ...form, audience: 'users' }), { status: 400, json: { error: 'invalid_target' } })
  t.match(await ask({ ...form, scope: 'inventory:reserve' }), {
    status: 400,
    json: { error: 'invalid_scope' },
  })
  t.match(await ask({ ...form, subject_token: 'x' }), { status: 400, json: { error: 'invalid_request' } })
  t.match(await ask(form, 'users'), { status: 400, json: { error: 'invalid_target' } })
})

t.test('services hear how long is waited for them', async (t) => {
  const rig = await startRig(t, { config })
  const heard = async (headers: Record<string, string>) => {
    rig.services.inventory.seen.length = 0
    await rig.inside('orders', { path: '/inventory/x', headers: { ...own, ...headers } })
    return Number(rig.services.inventory.only().headers['gatehouse-timeout'])
  }
  t.equal(await heard({ 'gatehouse-timeout': '750' }), 750)
  const most = await heard({})
  t.ok(most > 750)
  for (const text of ['0', '-1', 'soon', '1e3', '99999999']) {
    t.equal(await heard({ 'gatehouse-timeout': text }), most, text)
  }
})
