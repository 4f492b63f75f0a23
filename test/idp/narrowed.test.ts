import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { nativeClient, newCode, newTokens, outcome, refresh, tokenRequest } from './native.ts'

const asked = { scope: 'openid profile email orders:read users:read' }

t.test('a client gets no more for what it was given before than it may have now', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const { refreshToken } = await newTokens(platform, asked)
  const { params } = await newCode(platform, asked)
  const scope = 'openid email orders:read'
  t.equal((await admin.send('PATCH', `/clients/${nativeClient}`, { scope })).status, 200)

  for (const gone of ['openid orders:read users:read', 'openid profile'])
    t.equal(await outcome(await refresh(issuer, refreshToken, { scope: gone })), '400 invalid_scope', gone)
  const refreshed: unknown = await (await refresh(issuer, refreshToken)).json()
  const redeemed: unknown = await (await tokenRequest(issuer, params)).json()
  for (const answer of [refreshed, redeemed]) {
    t.match(answer, { scope: 'orders:read' })
    t.equal(jwtParts(textField(answer, 'access_token')).payload['scope'], 'orders:read')
    const person = jwtParts(textField(answer, 'id_token')).payload
    t.match(person, { email: String }, 'what it may know')
    t.notOk('name' in person, 'and no more')
  }

  const next = textField(refreshed, 'refresh_token')
  const forUserinfo: unknown = await (await refresh(issuer, next, { scope: 'openid email' })).json()
  t.match(forUserinfo, { scope: 'openid email' })
  const headers = { authorization: `Bearer ${textField(forUserinfo, 'access_token')}` }
  t.match(await (await fetch(`${issuer}/oauth/userinfo`, { headers })).json(), { email: String })
  t.equal((await admin.send('PATCH', `/clients/${nativeClient}`, { scope: 'openid' })).status, 200)
  const known: unknown = await (await fetch(`${issuer}/oauth/userinfo`, { headers })).json()
  t.strictSame(Object.keys(Object(known)), ['sub'], 'at the identity server itself at once')
})

t.test('the same of authorization details', async (t) => {
  const fields = { sku: { type: 'text', words: 'Article', required: true } }
  const authorizationDetails = {
    reserve: { words: 'Reserve stock', fields },
    watch: { words: 'Watch stock', fields },
  }
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: JSON.stringify({ idp: { authorizationDetails } }),
  })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const only = async (types: readonly string[]) => {
    const change = { authorization_details_types: types }
    t.equal((await admin.send('PATCH', `/clients/${nativeClient}`, change)).status, 200)
  }
  await only(['reserve', 'watch'])
  const details = ['reserve', 'watch'].map((type) => ({ type, sku: 'tea-01' }))
  const tokens = await newTokens(platform, { authorization_details: JSON.stringify(details) })

  const more = { authorization_details: JSON.stringify([{ type: 'reserve', sku: 'tea-02' }]) }
  t.equal(
    await outcome(await refresh(issuer, tokens.refreshToken, more)),
    '400 invalid_authorization_details',
  )
  await only(['reserve'])
  const refreshed: unknown = await (await refresh(issuer, tokens.refreshToken)).json()
  t.strictSame(jwtParts(textField(refreshed, 'access_token')).payload['authorization_details'], [details[0]])
})
