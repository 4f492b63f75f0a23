import t from 'tap'
import { isRecord, jwtParts } from '../../harness/index.ts'
import { textField } from '../../harness/json.ts'
import { Admin } from '../admin.ts'
import { outcome } from '../native.ts'
import { Person } from '../person.ts'
import { codeFlow, userinfo } from './flow.ts'
import { inEachSetting } from './setting.ts'

/** Scopes that the house has for itself, that others have, and that nobody has. */
const otherScopes = ['admin:read', 'admin:write', 'events:read', 'orders:delete', 'roles', 'groups']
/** Claims that one might hope for. */
const otherClaims =
  'roles groups password password_hash disabled id claims_sealed _claim_names __proto__ constructor'.split(
    ' ',
  )
/** What is known of somebody of whom everything is known. */
const everything = {
  given_name: 'Alice',
  family_name: 'Example',
  middle_name: 'M.',
  nickname: 'al',
  profile: 'https://alice.example/',
  picture: 'https://alice.example/me.png',
  website: 'https://alice.example/',
  email_verified: true,
  gender: 'female',
  birthdate: '1990-01-02',
  zoneinfo: 'Europe/Paris',
  locale: 'fr-FR',
  phone_number: '+33 1 23 45 67 89',
  phone_number_verified: false,
  address: { locality: 'Paris' },
}
/** What an ID token says of itself. */
const ownOfToken = ['aud', 'azp', 'exp', 'iat', 'nonce', 'at_hash', 'c_hash', 's_hash', 'iss', 'sid']

t.test('each scope that is listed is granted, and nothing else of what is asked', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('scopes_supported').map(String)
    const all = [...listed, ...otherScopes]
    const client = await setting.register({
      scope: all.join(' '),
      grant_types: ['authorization_code', 'refresh_token'],
    })
    const granted = new Set<string>()
    const person = new Person()
    // A token is for the APIs, or for the userinfo endpoint: those scopes that it does not carry are not told with it.
    for (const asked of [all, all.filter((scope) => !scope.includes(':'))]) {
      const params = { scope: asked.join(' '), prompt: 'consent' }
      const { tokenStatus, tokens } = await codeFlow(setting, client, params, { person })
      t.equal(tokenStatus, 200)
      for (const scope of textField(tokens, 'scope').split(' ')) granted.add(scope)
    }
    t.same([...granted].toSorted(), listed.toSorted())
  }),
)

t.test('a machine that asks for what is not listed is refused', (t) =>
  inEachSetting(t, async (t, setting) => {
    const secret = setting.platform.credentials.clientSecret('demo-machine') ?? ''
    const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
    const ask = async (scope: string) =>
      outcome(
        await setting.post('/oauth/token', { grant_type: 'client_credentials', scope }, { authorization }),
      )
    t.equal(await ask('orders:read'), '200')
    for (const scope of otherScopes) t.equal(await ask(scope), '400 invalid_scope', scope)
  }),
)

t.test('each claim that is listed can be asked for, and others are not told', (t) =>
  inEachSetting(t, async (t, setting) => {
    const listed = setting.listed('claims_supported').map(String)
    t.equal(setting.metadata['claims_parameter_supported'], true)
    t.same(setting.metadata['claim_types_supported'], ['normal'])
    const admin = await Admin.of(setting.platform)
    t.equal((await admin.send('PUT', '/accounts/acc-alice/claims', everything)).status, 200)
    const wanted = Object.fromEntries([...listed, ...otherClaims].map((name) => [name, null]))
    const client = await setting.register()
    const claims = JSON.stringify({ id_token: wanted, userinfo: wanted })
    const flow = await codeFlow(setting, client, { claims, scope: 'openid', nonce: 'n' })
    const idToken = jwtParts(textField(flow.tokens, 'id_token')).payload
    const said: unknown = await (await userinfo(setting, flow)).json()
    const told = isRecord(said) ? said : {}
    for (const name of listed) t.ok(name in idToken, name)
    for (const name of Object.keys(idToken)) t.ok([...listed, ...ownOfToken].includes(name), name)
    for (const name of Object.keys(told)) t.ok(listed.includes(name), name)
  }),
)
