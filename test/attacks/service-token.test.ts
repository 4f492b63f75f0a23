import { createHmac, randomUUID, sign } from 'node:crypto'
import t from 'tap'
import { start } from '../../services/inventory/start.ts'
import { FakeDoor } from '../harness/door.ts'
import { until } from '../harness/eventually.ts'
import { requestWith } from '../harness/handshake.ts'
import { createSigningKey, createTrust, internalClaims, internalToken } from '../harness/internal.ts'
import { CapturedLog, ServiceClient, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
const log = new CapturedLog()
const service = await start(serviceContext({ trust, door: door.origin, log }))
const gateway = new ServiceClient(trust, service)
t.teardown(async () => {
  await gateway.close()
  await service.stop()
  await door.stop()
})

const put = (token?: string, as = gateway, headers: Readonly<Record<string, string>> = {}) =>
  as.send({
    method: 'PUT',
    path: '/api/inventory/oak-stool',
    body: { quantity: 999_999 },
    headers,
    ...(token === undefined ? {} : { token }),
  })
const scope = 'inventory:read inventory:write inventory:reserve'
const good = () => internalToken(trust, { aud: 'inventory', scope })

/** Nothing that was refused above changed anything. */
async function stools(): Promise<unknown> {
  const { json } = await gateway.send({ path: '/api/inventory', token: good() })
  return Object(json).items.find((item: unknown) => Object(item).sku === 'oak-stool')?.quantity
}

/** A compact JWS with any header, signed by the trusted key. */
function forged(
  header: object,
  payload: object | string,
  dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const input = `${b64(JSON.stringify(header))}.${b64(text)}`
  const signature = sign('sha256', Buffer.from(input), { key: trust.key.privateKey, dsaEncoding })
  return `${input}.${signature.toString('base64url')}`
}
const b64 = (text: string) => Buffer.from(text).toString('base64url')
const header = { alg: 'ES256', kid: trust.key.kid, typ: 'internal+jwt' }
const claims = (more: object = {}) => ({ ...internalClaims({ aud: 'inventory', scope }), ...more })
const now = Math.floor(Date.now() / 1000)

function withHmac(secret: string): string {
  const input = `${b64(JSON.stringify({ ...header, alg: 'HS256' }))}.${b64(JSON.stringify(claims()))}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

const publicPem = trust.key.publicKey.export({ format: 'pem', type: 'spki' }).toString()
const accessToken = {
  iss: 'http://localhost:3001',
  aud: 'urn:gatehouse:api',
  sub: 'demo-machine',
  client_id: 'demo-machine',
  scope,
  iat: now,
  exp: now + 300,
  jti: randomUUID(),
}

const attacks: readonly (readonly [reason: string, name: string, token: string])[] = [
  ['bad_audience', 'an internal token for another service', internalToken(trust, { aud: 'orders', scope })],
  [
    'bad_claims',
    'an internal token for several services',
    forged(header, claims({ aud: ['inventory', 'orders'] })),
  ],
  [
    'expired',
    'an expired one',
    internalToken(trust, { aud: 'inventory', scope, iat: now - 70, exp: now - 10 }),
  ],
  [
    'not_yet_valid',
    'one from the future',
    internalToken(trust, { aud: 'inventory', scope, iat: now + 30, exp: now + 60 }),
  ],
  [
    'bad_claims',
    'one that lives an hour',
    internalToken(trust, { aud: 'inventory', scope, exp: now + 3600 }),
  ],
  [
    'bad_issuer',
    'one of another issuer',
    internalToken(trust, { aud: 'inventory', scope, iss: 'http://localhost:3001' }),
  ],
  [
    'wrong_presenter',
    'one made for another presenter',
    internalToken(trust, { aud: 'inventory', scope, req_wl: 'spiffe://gatehouse.test/orders' }),
  ],
  [
    'wrong_presenter',
    'one made for a namesake in another trust domain',
    internalToken(trust, { aud: 'inventory', scope, req_wl: 'spiffe://evil.test/gateway' }),
  ],
  [
    'bad_signature',
    'one signed by somebody else under our kid',
    internalToken(
      { ...trust, key: { ...createSigningKey(), kid: trust.key.kid } },
      { aud: 'inventory', scope },
    ),
  ],
  [
    'unknown_key',
    'one signed by an unknown key',
    internalToken({ ...trust, key: createSigningKey() }, { aud: 'inventory', scope }),
  ],
  ['bad_type', "the caller's access token, sent straight", forged({ ...header, typ: 'at+jwt' }, accessToken)],
  [
    'bad_type',
    'an access token whose claims are those of an internal one',
    forged({ ...header, typ: 'at+jwt' }, claims()),
  ],
  ['bad_type', 'no typ', forged({ alg: 'ES256', kid: trust.key.kid }, claims())],
  [
    'bad_algorithm',
    'alg none',
    `${b64(JSON.stringify({ ...header, alg: 'none' }))}.${b64(JSON.stringify(claims()))}.AA`,
  ],
  ['malformed', 'no signature', `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims()))}.`],
  ['bad_algorithm', 'HS256 with the public key as secret', withHmac(publicPem)],
  ['bad_algorithm', 'HS256 with an empty secret', withHmac('')],
  ['bad_signature', 'a signature in DER', forged(header, claims(), 'der')],
  ['bad_header', 'crit', forged({ ...header, crit: ['exp'] }, claims())],
  [
    'malformed',
    'a claim twice',
    forged(header, JSON.stringify(claims()).replace('{', '{"aud":"inventory",')),
  ],
  ['bad_claims', 'exp as text', forged(header, claims({ exp: String(now + 30) }))],
  ['malformed', 'nonsense', 'nonsense'],
  ['malformed', 'a payload that is a list', forged(header, '[]')],
]

t.test('every bad token: 401, the same answer, the reason in the log only, and nothing done', async (t) => {
  const before = await stools()
  const bodies = new Set<string>()
  for (const [reason, name, token] of attacks) {
    const answer = await put(token)
    t.match(
      answer,
      {
        status: 401,
        headers: {
          'content-type': /^application\/problem\+json/,
          'www-authenticate': 'Bearer error="invalid_token"',
        },
        json: { code: 'invalid_token' },
      },
      name,
    )
    // It is logged after the answer has gone out.
    const logged = () => log.requests().find(({ txn }) => txn === Object(answer.json).txn)
    await until(() => logged() !== undefined)
    t.equal(logged()?.['reason'], reason, `${name}: ${reason}`)
    bodies.add(answer.text.replace(/txn_[\w-]+/, ''))
  }
  t.equal(bodies.size, 1, 'nothing tells them apart')
  t.equal(await stools(), before)
})

t.test('a token that is good at the gateway only is not good for another workload', async (t) => {
  const orders = new ServiceClient(trust, service, 'orders')
  t.match(await put(good(), orders), { status: 401, json: { code: 'invalid_token' } })
  await orders.close()
})

t.test('a certificate without a token is not enough', async (t) => {
  t.match(await put(), {
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="inventory"' },
    json: { code: 'missing_credentials' },
  })
  const basic = await put(undefined, gateway, { authorization: 'Basic YTpi' })
  t.match(basic, { status: 401, json: { code: 'missing_credentials' } })
})

t.test('credentials that are not readable are a bad request', async (t) => {
  for (const authorization of [
    'Bearer',
    'Bearer ',
    `Bearer ${good()} ${good()}`,
    `Bearer "${good()}"`,
    'Bearer a,b',
  ]) {
    const answer = await put(undefined, gateway, { authorization })
    t.match(answer, {
      status: 400,
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
      json: { code: 'invalid_request' },
    })
  }
  const { cert, key } = trust.workload('gateway')
  const twice = { authorization: [`Bearer ${good()}`, `Bearer ${good()}`] }
  t.match(
    await requestWith(`${service.urls['url']}/api/inventory`, { cert, key }, twice),
    { status: 400 },
    'twice',
  )
  const elsewhere = await gateway.send({ path: `/api/inventory?access_token=${good()}` })
  t.equal(elsewhere.status, 401, 'a token in the query is no token')
})

t.test('no secret reaches the log', async (t) => {
  const token = good()
  await put(token)
  await put(`${token}x`)
  const text = JSON.stringify(log.lines)
  t.notOk(text.includes(token))
  t.notOk(text.includes(token.split('.')[2] ?? '?'))
})

t.test('the good one works, so that the others failed for their own reason', async (t) => {
  t.equal((await put(good())).status, 200)
})
