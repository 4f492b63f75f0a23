import t from 'tap'
import { startRig } from './rig.ts'

t.test('one line for each request, that tells all and no secret', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const good = await rig.call({ path: '/api/orders/o%201?secret=canary-query', token })
  await rig.call({ path: '/api/orders', token: rig.issuer.token({ exp: 1, iat: 0 }) })
  await rig.call({ path: '/nothing/here?x', token: null })
  await rig.call({ path: '/a/../b', token: null })
  const lines = await rig.lines(4)
  t.equal(lines.length, 4)
  t.match(lines[0], {
    level: 'info',
    name: 'gateway',
    msg: 'request',
    time: /^\d{4}-\d\d-\d\dT/,
    txn: good.headers['x-request-id'],
    route: 'orders.read',
    method: 'GET',
    path: '/api/orders/o%201',
    status: 200,
    ms: Number,
    bytes: 11,
    authn: 'bearer',
    sub: 'acc-alice',
    client_id: 'demo-native',
    sid: 'sid-1',
    upstream: 'orders',
  })
  t.match(lines[1], { status: 401, code: 'invalid_token', reason: 'expired', route: 'orders.list' })
  t.match(lines[2], { status: 404, code: 'not_found', path: '/nothing/here' })
  t.match(lines[3], { status: 400, code: 'invalid_path', path: '/a/../b' })
  const all = JSON.stringify(rig.log.lines)
  t.notMatch(all, /canary-query/)
  for (const part of token.split('.')) t.notOk(all.includes(part), 'no part of a token')
})

t.test('requests that the server itself refuses have their line, too', async (t) => {
  const rig = await startRig(t)
  await rig.call({ path: `/${'a'.repeat(9000)}`, token: null })
  await rig.call({ path: '/%zz', token: null })
  t.match(await rig.lines(2), [
    { status: 414, code: 'uri_too_long' },
    { status: 400, code: 'invalid_path' },
  ])
})

t.test('counters by route and by what went wrong', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  for (let n = 0; n < 3; n++) await rig.call({ path: '/api/orders', token })
  await rig.call({ path: '/api/orders', token: null })
  await rig.call({ path: '/api/orders', token: rig.issuer.token({ aud: 'x' }) })
  await rig.services.users.stop()
  await rig.call({ path: '/api/users/me', token })
  const text = await rig.metrics()
  for (const line of [
    'gatehouse_gateway_requests_total{door="public",route="orders.list",status="2xx"} 3',
    'gatehouse_gateway_requests_total{door="public",route="orders.list",status="4xx"} 2',
    'gatehouse_gateway_request_seconds_count{door="public",route="orders.list"} 5',
    'gatehouse_gateway_upstream_errors_total{upstream="users",code="upstream_unavailable"} 1',
    'gatehouse_gateway_authn_failures_total{reason="missing_credentials"} 1',
    'gatehouse_gateway_authn_failures_total{reason="bad_audience"} 1',
    'gatehouse_gateway_token_cache_total{result="hit"} 2',
  ]) {
    t.ok(text.includes(line), line)
  }
})

t.test('it is alive at once, and ready when it can tell who calls', async (t) => {
  const rig = await startRig(t)
  t.equal((await rig.call({ path: '/healthz', token: null })).status, 200)
  t.equal((await rig.call({ path: '/readyz', token: null })).status, 200)
})

t.test('lines of our own pages and of sites tell who asked, behind a proxy, and for what', async (t) => {
  const proxied = "gateway: { trustedProxies: ['127.0.0.0/8', '::1'] }"
  const site = "sites: [{ id: shop, prefix: /shop, target: 'http://127.0.0.1:9' }]"
  const rig = await startRig(t, { config: `${proxied}\n${site}` })
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  await rig.call({ path: '/auth/login?return_to=//canary', headers, token: null })
  await rig.call({ path: '/shop/a%7Eb?canary=1', headers, token: null })
  await rig.call({ path: '/shop/../b', headers, token: null })
  t.match(await rig.lines(3), [
    { route: '/auth/login', path: '/auth/login', address: '203.0.113.9', status: 400 },
    { route: 'shop', path: '/shop/a~b', address: '203.0.113.9', status: 503 },
    { route: 'shop', path: '/shop/../b', address: '203.0.113.9', status: 400 },
  ])
  t.notMatch(JSON.stringify(rig.log.lines), /canary/)
})
