import t from 'tap'
import { jwtParts } from '../harness/index.ts'
import { readBody, sendJson } from './fake-upstream.ts'
import { startRig } from './rig.ts'

t.test('a request with a good token reaches its service with an internal token', async (t) => {
  const rig = await startRig(t)
  const answer = await rig.call({ path: '/api/orders/o-1?all=true' })
  t.equal(answer.status, 200, answer.text)
  t.same(answer.json, { ok: true })
  const seen = rig.services.orders.only()
  t.equal(seen.path, '/api/orders/o-1?all=true')
  t.equal(seen.peer, 'spiffe://gatehouse.local/gateway')
  const token = seen.headers.authorization?.slice('Bearer '.length) ?? ''
  const { header, payload } = jwtParts(token)
  t.match(header, { typ: 'internal+jwt', alg: 'ES256' })
  t.match(payload, {
    iss: 'urn:gatehouse:gatehouse.local:internal',
    aud: 'orders',
    sub: 'acc-alice',
    client_id: 'demo-native',
    scope: 'orders:read',
    txn: answer.headers['x-request-id'],
    req_wl: 'spiffe://gatehouse.local/gateway',
    roles: ['customer'],
    sid: 'sid-1',
    rctx: { req_ip: /^(127\.0\.0\.1|::1)$/, authn: 'bearer' },
    tctx: { route: 'orders.read', params: { id: 'o-1' } },
  })
  t.equal(Number(payload['exp']) - Number(payload['iat']), 60)
  t.equal(seen.headers['x-request-id'], answer.headers['x-request-id'])
})

t.test('headers pass by allow-list, both ways', async (t) => {
  const rig = await startRig(t, {
    config: `
routes:
  - id: orders.list
    headers: { request: [x-tenant, x-request-id], response: [x-total] }
`,
  })
  rig.services.orders.answer = (_request, response) =>
    sendJson(
      response,
      200,
      { ok: true },
      {
        'x-total': '3',
        'x-powered-by': 'secret stack',
        'set-cookie': 'a=b',
        server: 'inner/1.0',
        etag: '"1"',
        'keep-alive': 'timeout=99',
        'content-security-policy': "default-src 'self'",
      },
    )
  const answer = await rig.call({
    path: '/api/orders',
    headers: {
      accept: 'application/json',
      'accept-language': 'de',
      'if-none-match': '"0"',
      'x-tenant': 't1',
      'x-other': 'no',
      'x-request-id': 'forged',
      cookie: 'a=b',
      te: 'trailers',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  })
  const { headers } = rig.services.orders.only()
  t.same(Object.keys(headers).toSorted(), [
    'accept',
    'accept-language',
    'authorization',
    'connection',
    'forwarded',
    'gatehouse-timeout',
    'host',
    'if-none-match',
    'traceparent',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-request-id',
    'x-tenant',
  ])
  t.equal(headers['x-request-id'], answer.headers['x-request-id'])
  t.match(answer.headers, { 'x-total': '3', etag: '"1"' })
  for (const name of ['x-powered-by', 'set-cookie', 'server']) t.notOk(name in answer.headers, name)
  t.match(answer.headers, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'ratelimit-policy': '"default";q=6000;w=60',
    ratelimit: /^"default";r=5999;t=\d+$/,
  })
})

t.test('the service may say how long its answer keeps', async (t) => {
  const rig = await startRig(t)
  rig.services.inventory.answer = (_request, response) =>
    sendJson(response, 200, {}, { 'cache-control': 'private, max-age=5' })
  const answer = await rig.call({ path: '/api/inventory' })
  t.equal(answer.headers['cache-control'], 'private, max-age=5')
})

t.test('bodies pass whole, with and without a length', async (t) => {
  const rig = await startRig(t)
  rig.services.inventory.answer = (request, response, seen) =>
    readBody(request, seen, () => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write(seen.body.slice(0, 10))
      response.end(seen.body.slice(10))
    })
  const body = 'x'.repeat(60_000)
  const put = {
    method: 'PUT',
    path: '/api/inventory/oak',
    headers: { 'content-type': 'application/json' },
    body,
  }
  const answer = await rig.call(put)
  t.equal(answer.text, body)
  t.equal(answer.headers['transfer-encoding'], 'chunked', 'as the service sent it')
  t.equal(rig.services.inventory.only().headers['content-length'], '60000')
  const chunked = await rig.call({ ...put, headers: { 'transfer-encoding': 'chunked' } })
  t.equal(chunked.text, body)
  t.equal(rig.services.inventory.only().body, body)
})

t.test('an empty body is an empty body', async (t) => {
  const rig = await startRig(t)
  const answer = await rig.call({ method: 'POST', path: '/api/orders', headers: { 'content-length': '0' } })
  t.equal(answer.status, 200)
  const seen = rig.services.orders.only()
  t.same([seen.method, seen.headers['content-length'], seen.body], ['POST', '0', ''])
})

t.test('answers without content stay without', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (request, response) => {
    const status = request.url === '/api/orders' ? 204 : 304
    response.writeHead(status, { etag: '"1"' }).end()
  }
  const empty = await rig.call({ path: '/api/orders' })
  t.same([empty.status, empty.text], [204, ''])
  const same = await rig.call({ path: '/api/orders/1' })
  t.same([same.status, same.text, same.headers.etag], [304, '', '"1"'])
})

t.test('HEAD is GET without the content', async (t) => {
  const rig = await startRig(t)
  const answer = await rig.call({ method: 'HEAD', path: '/api/orders' })
  t.equal(answer.status, 200)
  t.equal(answer.headers['content-length'], '11')
  t.equal(answer.text, '')
  t.equal(rig.services.orders.only().method, 'HEAD')
})

t.test('interim answers and trailers of the service end at the gateway', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-sum' })
    response.write('hello')
    response.addTrailers({ 'x-sum': '1' })
    response.end()
  }
  const answer = await rig.call({ path: '/api/orders' })
  t.same([answer.status, answer.text], [200, 'hello'])
})

t.test('every request that may change something has a transaction of its own', async (t) => {
  const rig = await startRig(t)
  const token = rig.issuer.token()
  const ids = new Set<unknown>()
  for (let n = 0; n < 3; n++) {
    await rig.call({ path: '/api/orders', token, method: 'POST', body: '{}' })
    const { payload } = jwtParts(rig.services.orders.only().headers.authorization?.slice(7) ?? '')
    ids.add(payload['txn']).add(payload['jti'])
  }
  t.equal(ids.size, 6)
})

t.test(
  'a page of the gateway itself that is asked by another method is 405 with those that it has',
  async (t) => {
    const rig = await startRig(t)
    const cases = [
      ['POST', '/healthz', 'GET, HEAD'],
      ['GET', '/auth/logout', 'POST'],
      ['HEAD', '/auth/login', 'GET'],
      ['DELETE', '/auth/session', 'GET, HEAD'],
      ['PUT', '/openapi.json', 'GET, HEAD'],
      ['PATCH', '/', 'GET, HEAD'],
    ] as const
    for (const [method, path, allow] of cases) {
      const answer = await rig.call({ method, path, token: null })
      t.same([answer.status, answer.headers['allow']], [405, allow], `${method} ${path}`)
    }
    for (const path of ['/auth/nothing', '/healthz/', '/*'])
      t.equal((await rig.call({ method: 'POST', path, token: null })).status, 404, path)
  },
)
