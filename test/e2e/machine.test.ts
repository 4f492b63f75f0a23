import t, { type Test } from 'tap'
import { isRecord, jwtParts, type Platform, startPlatform, textField } from '../harness/index.ts'

for (const client of ['demo-machine', 'demo-machine-jwt']) {
  t.test(`${client} gets a token and works with the API`, async (t) => {
    const platform = await startPlatform({ t })
    const answer: unknown = await (await platform.requestToken({ client })).json()
    t.match(answer, { token_type: 'Bearer', expires_in: 300 })
    const token = textField(answer, 'access_token')
    checkAccessToken(t, platform, client, token)

    const orders = await platform.fetch('/api/orders', { token })
    t.equal(orders.status, 200)
    t.same(await orders.json(), { items: [] })
    t.equal(orders.headers.get('cache-control'), 'no-store')
    const stock = await putStock(platform, token, { quantity: 42 })
    t.equal(stock.status, 200)
    t.same(await stock.json(), { sku: 'teapot-blue', quantity: 42 })
    const list: unknown = await (await platform.fetch('/api/inventory', { token })).json()
    t.match(list, { items: [{ sku: String, quantity: Number, name: String }] })
    t.ok(JSON.stringify(list).includes('42'))
  })
}

t.test('what a token does not carry is refused, and the service hears nothing', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token({ scope: 'orders:read' })
  t.equal((await platform.fetch('/api/orders', { token })).status, 200)
  const before = platform.received('inventory').length
  const refused = await putStock(platform, token, { quantity: 1 })
  t.equal(refused.status, 403)
  t.match(refused.headers.get('content-type'), /^application\/problem\+json/)
  t.match(
    refused.headers.get('www-authenticate'),
    /^Bearer .*error="insufficient_scope".*scope="inventory:write"/,
  )
  t.match(await refused.json(), { code: 'insufficient_scope', status: 403, txn: /^txn_/ })
  t.equal(platform.received('inventory').length, before)
})

t.test('no credential, and a credential that is none', async (t) => {
  const platform = await startPlatform({ t })
  const bare = await platform.fetch('/api/orders')
  t.equal(bare.status, 401)
  t.match(bare.headers.get('www-authenticate'), /^Bearer/)
  t.notMatch(bare.headers.get('www-authenticate'), /error=/, 'RFC 6750 section 3.1')
  t.match(await bare.json(), { code: 'missing_credentials' })
  const [header = '', payload = ''] = (await platform.token()).split('.')
  for (const token of ['nonsense', `${header}.${payload}.${'A'.repeat(86)}`]) {
    const answer = await platform.fetch('/api/orders', { token })
    t.equal(answer.status, 401)
    t.match(answer.headers.get('www-authenticate'), /error="invalid_token"/)
  }
  t.same(
    platform.received('orders').filter(({ path }) => path.startsWith('/api')),
    [],
  )
})

t.test('a token that is over is refused', async (t) => {
  const platform = await startPlatform({ t })
  const token = await platform.token()
  t.equal((await platform.fetch('/api/orders', { token })).status, 200)
  platform.clock.advance(5 * 60_000 + 10_000)
  const late = await platform.fetch('/api/orders', { token })
  t.equal(late.status, 401)
  t.match(await late.json(), { code: 'invalid_token' })
})

function checkAccessToken(t: Test, platform: Platform, client: string, token: string): void {
  const { header, payload } = jwtParts(token)
  t.match(header, { alg: 'ES256', typ: 'at+jwt', kid: String })
  t.match(payload, {
    iss: platform.url('idp'),
    aud: 'urn:gatehouse:api',
    sub: client,
    client_id: client,
    iat: Number,
    jti: String,
  })
  t.equal(Number(payload['exp']) - Number(payload['iat']), 300)
  t.ok(isRecord(payload) && String(payload['scope']).split(' ').includes('inventory:write'))
}

function putStock(platform: Platform, token: string, body: unknown): Promise<Response> {
  return platform.fetch('/api/inventory/teapot-blue', {
    method: 'PUT',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
