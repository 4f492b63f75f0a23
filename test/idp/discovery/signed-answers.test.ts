import {
  CompactEncrypt,
  createRemoteJWKSet,
  decodeProtectedHeader,
  importJWK,
  jwtVerify,
  type JWK,
} from 'jose'
import t, { type Test } from 'tap'
import { jwtParts } from '../../harness/index.ts'
import { listField, textField } from '../../harness/json.ts'
import { outcome } from '../native.ts'
import { Person } from '../person.ts'
import { certificateHeader } from './certificates.ts'
import { codeFlow, userinfo } from './flow.ts'
import { clientJwks, everyAlgorithm } from './signing.ts'
import { inEachSetting, type Setting } from './setting.ts'

/** What is signed for clients: the member of their metadata, and where it is said what there is. */
const kinds = {
  id_token_signed_response_alg: 'id_token_signing_alg_values_supported',
  userinfo_signed_response_alg: 'userinfo_signing_alg_values_supported',
  authorization_signed_response_alg: 'authorization_signing_alg_values_supported',
  introspection_signed_response_alg: 'introspection_signing_alg_values_supported',
} as const
type Kind = keyof typeof kinds
const names = [
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
] as const

/** Everything that one client gets signed, by kind. */
async function answersTo(setting: Setting, person: Person, own: Readonly<Record<string, string>>) {
  const method = { token_endpoint_auth_method: 'none' }
  const client = await setting.register({ ...own, ...method })
  const flow = await codeFlow(setting, client, { response_mode: 'jwt' }, { person })
  const introspected = await setting.post(
    '/oauth/introspect',
    { client_id: client.id, token: textField(flow.tokens, 'access_token') },
    { accept: 'application/token-introspection+jwt' },
  )
  return {
    id_token_signed_response_alg: textField(flow.tokens, 'id_token'),
    userinfo_signed_response_alg: await (await userinfo(setting, flow)).text(),
    authorization_signed_response_alg: flow.jwt ?? '',
    introspection_signed_response_alg: await introspected.text(),
  } satisfies Record<Kind, string>
}

async function listedWorks(t: Test, setting: Setting): Promise<void> {
  const keys = createRemoteJWKSet(new URL(textField(setting.metadata, 'jwks_uri')))
  const person = new Person()
  for (const alg of everyAlgorithm) {
    const wanted = names.filter((kind) => setting.listed(kinds[kind]).includes(alg))
    if (wanted.length === 0) continue
    const own = Object.fromEntries(wanted.map((kind) => [kind, alg]))
    const answers = await answersTo(setting, person, own)
    for (const kind of wanted) {
      t.equal(decodeProtectedHeader(answers[kind]).alg, alg, `${kind}: ${alg}`)
      await jwtVerify(answers[kind], keys, { issuer: setting.issuer })
    }
  }
}

t.test('what is signed for clients, under each algorithm that is listed and no other', (t) =>
  inEachSetting(t, async (t, setting) => {
    await listedWorks(t, setting)
    for (const kind of names) {
      const listed = setting.listed(kinds[kind])
      t.ok(listed.includes('ES256'), kind)
      for (const alg of everyAlgorithm) {
        const answer = await setting.tryRegister({ [kind]: alg })
        t.equal(
          await outcome(answer),
          listed.includes(alg) ? '201' : '400 invalid_client_metadata',
          `${kind}: ${alg}`,
        )
      }
    }
  }),
)

t.test('nothing is encrypted, because nothing is said of that', (t) =>
  inEachSetting(t, async (t, setting) => {
    t.notMatch(Object.keys(setting.metadata).join(' '), 'encryption')
    const alg = {
      id_token_encrypted_response_alg: 'RSA-OAEP-256',
      userinfo_encrypted_response_alg: 'RSA-OAEP-256',
    }
    const registered = await setting.tryRegister(alg)
    t.notMatch(await registered.text(), 'encrypted', 'nobody is told that it would be')
    const { id } = await setting.register({ jwks: clientJwks })
    const keys: unknown = await (await fetch(textField(setting.metadata, 'jwks_uri'))).json()
    const [key] = listField(keys, 'keys')
    const { kid: _, alg: _alg, use: _use, ...plain }: JWK = { ...Object(key) }
    const request = await new CompactEncrypt(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(await importJWK({ ...plain, alg: 'ECDH-ES' }))
    const pushed = await setting.post('/oauth/par', { client_id: id, request })
    t.equal(await outcome(pushed), '400 invalid_request_object')
  }),
)

t.test('a token is bound to a certificate where that is said, and elsewhere there is none', (t) =>
  inEachSetting(t, async (t, setting) => {
    const bound = { tls_client_certificate_bound_access_tokens: true }
    const client = await setting.register(bound)
    const flow = await codeFlow(
      setting,
      client,
      { scope: 'openid orders:read' },
      { headers: certificateHeader },
    )
    if (!('tls_client_certificate_bound_access_tokens' in setting.metadata)) {
      t.equal(
        `${flow.tokenStatus} ${String(flow.tokens['error'])}`,
        '400 invalid_grant',
        'no unbound one instead',
      )
      return
    }
    t.equal(flow.tokenStatus, 200)
    t.match(jwtParts(textField(flow.tokens, 'access_token')).payload, { cnf: { 'x5t#S256': /^[\w-]{43}$/ } })
  }),
)
