import { randomUUID } from 'node:crypto'
import t from 'tap'
import { assertionType } from '../assertion.ts'
import { outcome } from '../native.ts'
import { certificateHeader, certifiedMetadata } from './certificates.ts'
import { clientJwks, everyAlgorithm, signedWith } from './signing.ts'
import { inEachSetting, type Registered, type Setting } from './setting.ts'

const methods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'attest_jwt_client_auth',
  'none',
]

/** What an endpoint is asked, and what it answers to who proved itself; `401 invalid_client` to everybody else. */
const endpoints = {
  token: {
    path: '/oauth/token',
    body: { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://app.example/cb' },
    good: '400 invalid_grant',
  },
  introspection: { path: '/oauth/introspect', body: { token: 'x' }, good: '200' },
  revocation: { path: '/oauth/revoke', body: { token: 'x' }, good: '200' },
} as const

type Body = Readonly<Record<string, string>>
interface Proof {
  readonly body: Body
  readonly headers?: Body
}

async function assertion(setting: Setting, { id, secret }: Registered, alg: string): Promise<Proof> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: id, sub: id, aud: setting.issuer, jti: randomUUID(), iat: now, exp: now + 60 }
  const client_assertion = await signedWith(alg, claims, secret === '' ? {} : { secret })
  return { body: { client_assertion_type: assertionType, client_assertion } }
}

async function proofBy(method: string, setting: Setting, client: Registered): Promise<Proof> {
  const { id, secret } = client
  const named = { client_id: id }
  if (method === 'client_secret_basic') {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    return { body: {}, headers: { authorization } }
  }
  if (method === 'client_secret_post') return { body: { ...named, client_secret: secret } }
  if (method === 'private_key_jwt') return assertion(setting, client, 'ES256')
  if (method.endsWith('tls_client_auth')) return { body: named, headers: certificateHeader }
  return { body: named }
}

function metadataFor(method: string): Readonly<Record<string, unknown>> {
  const own = { token_endpoint_auth_method: method }
  if (method === 'tls_client_auth' || method === 'self_signed_tls_client_auth')
    return { ...own, ...certifiedMetadata[method] }
  return { ...own, jwks: clientJwks }
}

async function ask(setting: Setting, at: keyof typeof endpoints, proof: Proof): Promise<string> {
  const { path, body } = endpoints[at]
  const answer = await setting.post(path, { ...body, ...proof.body }, proof.headers)
  const isEmpty = answer.headers.get('content-length') === '0'
  return isEmpty ? String(answer.status) : outcome(answer)
}

t.test('each method that is listed works at each endpoint; who would use another cannot even register', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('token_endpoint_auth_methods_supported')
    t.same(
      listed.filter((method) => !methods.includes(String(method))),
      [],
      'none that this test does not know',
    )
    for (const at of ['introspection', 'revocation'])
      t.same(setting.listed(`${at}_endpoint_auth_methods_supported`), listed)
    for (const method of methods) {
      const answer = await setting.tryRegister(metadataFor(method))
      if (!listed.includes(method)) {
        t.equal(await outcome(answer), '400 invalid_client_metadata', method)
        continue
      }
      const client = await setting.register(metadataFor(method))
      for (const at of ['token', 'introspection', 'revocation'] as const) {
        const { good } = endpoints[at]
        t.equal(await ask(setting, at, await proofBy(method, setting, client)), good, `${method} at ${at}`)
        for (const other of method === 'none' ? [] : ['none', 'client_secret_post', 'client_secret_basic']) {
          if (other === method) continue
          const refused = await ask(setting, at, await proofBy(other, setting, { ...client, secret: 's' }))
          t.equal(refused, '401 invalid_client', `${other} at ${at} of one that is held to ${method}`)
        }
      }
    }
  }),
)

t.test('each algorithm that is listed for assertions is taken at each endpoint, and no other', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('token_endpoint_auth_signing_alg_values_supported')
    t.ok(listed.includes('ES256'))
    for (const at of ['introspection', 'revocation'])
      t.same(setting.listed(`${at}_endpoint_auth_signing_alg_values_supported`), listed)
    const client = await setting.register(metadataFor('private_key_jwt'))
    const withSecret = await setting.register(metadataFor('client_secret_basic'))
    for (const alg of everyAlgorithm) {
      const by = alg.startsWith('HS') ? withSecret : client
      for (const at of ['token', 'introspection', 'revocation'] as const) {
        const expected = listed.includes(alg) ? endpoints[at].good : '401 invalid_client'
        t.equal(await ask(setting, at, await assertion(setting, by, alg)), expected, `${alg} at ${at}`)
      }
      const metadata = { ...metadataFor('private_key_jwt'), token_endpoint_auth_signing_alg: alg }
      const { status } = await setting.tryRegister(metadata)
      t.equal(status, listed.includes(alg) ? 201 : 400, `${alg} registered`)
    }
  }),
)
