import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { jwtParts, startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { assertionType, clientAssertion } from './assertion.ts'
import { outcome, tokenRequest } from './native.ts'

const machine = 'demo-machine'
const keyed = 'demo-machine-jwt'

function assertion(
  platform: Platform,
  changes: Record<string, unknown> = {},
  expires = '60s',
): Promise<string> {
  const client = { id: keyed, keyFile: platform.paths.demoMachineKey, issuer: platform.config.issuer }
  return clientAssertion(client, changes, expires)
}

t.test('a machine with a secret', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, resource } = platform.config
  const secret = platform.credentials.clientSecret(machine) ?? ''
  const ask = (params: Record<string, string>, with_ = secret) =>
    tokenRequest(issuer, { grant_type: 'client_credentials', ...params }, { id: machine, secret: with_ })

  await t.test('gets an RFC 9068 token for the APIs', async (t) => {
    const response = await ask({ scope: 'orders:read inventory:write' })
    t.equal(response.headers.get('cache-control'), 'no-store')
    const body: unknown = await response.json()
    t.match(body, { token_type: 'Bearer', expires_in: 300, scope: 'orders:read inventory:write' })
    const token = textField(body, 'access_token')
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createRemoteJWKSet(new URL('/oauth/jwks', issuer)),
      {
        issuer,
        audience: resource,
        typ: 'at+jwt',
        algorithms: ['ES256'],
      },
    )
    t.match(payload, { sub: machine, client_id: machine, scope: 'orders:read inventory:write' })
    t.type(payload.jti, 'string')
    t.equal(Number(payload.exp) - Number(payload.iat), 300)
    t.notOk('roles' in payload || 'sid' in payload, 'a machine has neither roles nor a session')
    t.type(protectedHeader.kid, 'string')
  })

  await t.test('without a scope gets what it is registered for', async (t) => {
    const { payload } = jwtParts(textField(await (await ask({})).json(), 'access_token'))
    t.equal(payload['scope'], 'users:read orders:read orders:write inventory:read inventory:write')
  })

  t.equal(await outcome(await ask({}, 'wrong')), '401 invalid_client')
  t.equal(await outcome(await ask({ scope: 'orders:read admin:all' })), '400 invalid_scope', 'unknown scope')
  t.equal(await outcome(await ask({ resource: 'urn:another:api' })), '400 invalid_target', 'foreign resource')
  t.equal(await outcome(await ask({ resource })), '200', 'the resource named')
  t.equal(
    await outcome(
      await tokenRequest(issuer, {
        grant_type: 'client_credentials',
        client_id: machine,
        client_secret: secret,
      }),
    ),
    '401 invalid_client',
    'the secret in the body is no registered method',
  )
  t.equal(
    await outcome(await tokenRequest(issuer, { grant_type: 'client_credentials' }, { id: 'nobody', secret })),
    '401 invalid_client',
  )
  t.equal(await outcome(await ask({ grant_type: 'password' })), '400 unsupported_grant_type')
  t.equal(
    await outcome(await ask({ grant_type: 'authorization_code' })),
    '400 unauthorized_client',
    'not registered for it',
  )
})

t.test('who fails to prove itself is told how it could (RFC 9110 section 11.6.1)', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const client = { client_id: machine, client_secret: 'wrong' }
  const params = { grant_type: 'client_credentials', token: 'x', response_type: 'code', ...client }
  for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/par']) {
    const init = { method: 'POST', body: new URLSearchParams(params) }
    const { status, headers } = await fetch(issuer + path, init)
    t.equal(status, 401)
    t.match(headers.get('www-authenticate'), /^Basic realm="/, path)
  }
})

t.test('a machine with a key', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const ask = (client_assertion: string) =>
    tokenRequest(issuer, {
      grant_type: 'client_credentials',
      scope: 'orders:read',
      client_assertion_type: assertionType,
      client_assertion,
    })

  const once = await assertion(platform)
  t.equal(await outcome(await ask(once)), '200')
  t.equal(await outcome(await ask(once)), '401 invalid_client', 'an assertion counts once')

  const shared = await assertion(platform)
  const parallel = await Promise.all(Array.from({ length: 20 }, async () => outcome(await ask(shared))))
  t.equal(parallel.filter((one) => one === '200').length, 1, '20 at once: exactly one')

  for (const [what, changes, exp] of [
    ['another audience', { aud: 'https://elsewhere.test' }, '60s'],
    ['without jti', { jti: undefined }, '60s'],
    ['another issuer', { iss: machine }, '60s'],
    ['expired', {}, '-60s'],
    ['good for a year', {}, '365d'],
  ] as const) {
    t.equal(await outcome(await ask(await assertion(platform, changes, exp))), '401 invalid_client', what)
  }
  const [head = '', body = ''] = (await assertion(platform)).split('.')
  t.equal(
    await outcome(await ask(`${head}.${body}.${'A'.repeat(86)}`)),
    '401 invalid_client',
    'a wrong signature',
  )
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  t.equal(await outcome(await ask(`${none}.${body}.`)), '401 invalid_client', 'no signature')
})
