import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { redirectUri, RelyingParty, entryOf, startCertified } from './certification/relying-party.ts'

const path = '/accounts/acc-bob/claims'

t.test('what is known of a person goes out by scope, and to nobody else', async (t) => {
  const scope = 'openid profile email address phone'
  const platform = await startCertified(t, [entryOf('rp', { scope })])
  const rp = new RelyingParty(platform, 'rp')
  const claimsOf = async (asked: string) => {
    const token = await rp.accessToken({ scope: asked })
    const answer = await fetch(`${rp.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const body: unknown = await answer.json()
    return Object.keys(Object(body)).toSorted()
  }
  t.same(await claimsOf('openid'), ['sub'])
  t.same(await claimsOf('openid email'), ['email', 'email_verified', 'sub'])
  t.same(await claimsOf('openid phone'), ['phone_number', 'phone_number_verified', 'sub'])
  t.same(await claimsOf('openid address'), ['address', 'sub'])
  t.same(await claimsOf('openid profile'), [
    'birthdate',
    'family_name',
    'gender',
    'given_name',
    'locale',
    'middle_name',
    'name',
    'nickname',
    'picture',
    'preferred_username',
    'profile',
    'sub',
    'updated_at',
    'website',
    'zoneinfo',
  ])

  await t.test('not in an ID token of the front channel while userinfo has them', async (t) => {
    const asked = { scope: 'openid email phone', redirect_uri: redirectUri }
    for (const response_type of ['code id_token', 'code id_token token']) {
      const { id_token = '' } = await rp.respond({ ...asked, response_type })
      const claims = await rp.verified(id_token, 'RS256')
      t.notOk('email' in claims || 'phone_number' in claims, response_type)
    }
    const { id_token = '' } = await rp.respond({ ...asked, response_type: 'id_token' })
    t.match(await rp.verified(id_token, 'RS256'), { email: 'alice@example.test', email_verified: true })
  })
})

t.test('administrators set it as a whole', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const claims = { given_name: 'Robert', address: { locality: 'Exampleton' }, phone_number_verified: false }
  t.match(await admin.send('PUT', path, claims), { status: 200, body: { id: 'acc-bob', claims } })
  const shown = await admin.get('/accounts/acc-bob')
  t.same(Object(shown.body).claims, claims, 'nothing is left of what was there')
  for (const wrong of [
    { sub: 'acc-alice' },
    { name: 'Alice' },
    { email: 'alice@example.test' },
    { roles: ['admin'] },
    { birthdate: 'yesterday' },
    { picture: 'javascript:alert(1)' },
    { address: { planet: 'Earth' } },
    { email_verified: 'yes' },
  ])
    t.equal((await admin.send('PUT', path, wrong)).status, 422, JSON.stringify(wrong))
  t.same(Object((await admin.get('/accounts/acc-bob')).body).claims, claims)
  t.equal((await admin.send('PUT', '/accounts/acc-nobody/claims', claims)).status, 404)
  const entries = listField((await admin.get('/audit?q=claims_set')).body, 'items')
  t.equal(entries.length, 1)
  t.equal(textField(entries[0], 'subject'), 'acc-bob')
  t.notMatch(JSON.stringify(entries), /Robert|Exampleton/, 'the log says which, not what')
  const made = await admin.send('POST', '/accounts', { username: 'erin', claims: { nickname: 'E' } })
  t.match((await admin.get(`/accounts/${textField(made.body, 'id')}`)).body, { claims: { nickname: 'E' } })
})
