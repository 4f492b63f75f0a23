import { createHash } from 'node:crypto'
import t from 'tap'
import { isRecord, jwtParts, textField } from '../../harness/json.ts'
import { keyedClient, requestObject } from '../keyed-client.ts'
import { Person } from '../person.ts'
import { entryOf, redirectUri, RelyingParty, responseOf, startCertified } from './relying-party.ts'

const half = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

t.test('the flows of the classic plans', async (t) => {
  const signing = await keyedClient('signing', { redirect_uris: [redirectUri] })
  const platform = await startCertified(t, [
    entryOf('rp'),
    entryOf('ps', { id_token_signed_response_alg: 'PS256' }),
    entryOf('signed-userinfo', { userinfo_signed_response_alg: 'RS256' }),
    entryOf('public', { client_secret: undefined, token_endpoint_auth_method: 'none' }),
    signing,
  ])
  const rp = new RelyingParty(platform, 'rp')
  const userinfo = (init: RequestInit) => fetch(`${rp.issuer}/oauth/userinfo`, init)

  await t.test('code without PKCE, with a nonce and without', async (t) => {
    for (const nonce of ['no-1', undefined]) {
      const { code = '', iss } = await rp.respond({ nonce })
      t.equal(iss, rp.issuer)
      const tokens = await rp.redeem(code)
      t.equal((await rp.verified(textField(tokens, 'id_token'), 'RS256'))['nonce'], nonce)
    }
    const open = await new Person().open(new RelyingParty(platform, 'public').url())
    t.match(open.headers.get('location') ?? '', 'error=invalid_request', 'a public client needs it')
  })

  await t.test('hybrid: c_hash and at_hash, RS256 and PS256', async (t) => {
    for (const [id, alg] of [
      ['rp', 'RS256'],
      ['ps', 'PS256'],
    ] as const) {
      const client = new RelyingParty(platform, id)
      const answer = await client.respond({ response_type: 'code id_token token' })
      const claims = await client.verified(answer['id_token'] ?? '', alg)
      t.equal(claims['nonce'], 'no-1')
      t.equal(claims['c_hash'], half(answer['code'] ?? ''))
      t.equal(claims['at_hash'], half(answer['access_token'] ?? ''))
      t.type(textField(await client.redeem(answer['code'] ?? ''), 'access_token'), 'string')
    }
  })

  await t.test('implicit: an ID token, and with it a token for userinfo', async (t) => {
    const alone = await rp.respond({ response_type: 'id_token', scope: 'openid profile' })
    t.match(await rp.verified(alone['id_token'] ?? '', 'RS256'), { sub: 'acc-alice', name: 'Alice Archer' })
    t.notOk('access_token' in alone)
    const both = await rp.respond({ response_type: 'id_token token', scope: 'openid email' })
    const answer = await userinfo({ headers: { authorization: `Bearer ${both['access_token']}` } })
    t.match(await answer.json(), { sub: 'acc-alice', email: String })
    const api = await rp.respond({ response_type: 'id_token token', scope: 'openid orders:read' })
    const { payload, header } = jwtParts(api['access_token'] ?? '')
    t.match(payload, { sub: 'acc-alice', scope: 'orders:read', acr: 'aal1' }, 'and one for the APIs')
    t.equal(header['alg'], 'ES256', 'access tokens stay ES256')
    const without = await new Person().open(rp.url({ response_type: 'id_token', nonce: undefined }))
    t.match(without.headers.get('location') ?? '', 'error=invalid_request', 'never without a nonce')
  })

  await t.test('form_post', async (t) => {
    const end = await rp.end(rp.url({ response_mode: 'form_post', response_type: 'code id_token' }))
    t.equal(end.status, 200)
    t.equal(end.forms[0]?.action.href, redirectUri)
    const answer = responseOf(end)
    t.equal(answer['state'], 'st-1')
    await rp.verified(answer['id_token'] ?? '', 'RS256')
  })

  await t.test('userinfo by GET, by POST in header and body, and signed', async (t) => {
    const token = await rp.accessToken({ scope: 'openid email' })
    const headers = { authorization: `Bearer ${token}` }
    const body = new URLSearchParams({ access_token: token })
    for (const init of [{ headers }, { headers, method: 'POST' }, { body, method: 'POST' }])
      t.match(await (await userinfo(init)).json(), { sub: 'acc-alice', email: String })
    const signed = new RelyingParty(platform, 'signed-userinfo')
    const jwt = await userinfo({ headers: { authorization: `Bearer ${await signed.accessToken()}` } })
    t.match(jwt.headers.get('content-type'), 'application/jwt')
    t.equal((await signed.verified(await jwt.text(), 'RS256')).sub, 'acc-alice')
  })

  await t.test('claims one by one', async (t) => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } }, id_token: { email: null } })
    const person = new Person()
    const login = await person.follow(await person.open(rp.url({ claims })))
    const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
    t.match(consent.html, /See your name/)
    const { code = '' } = responseOf(await person.follow(await person.submit(consent, 'Allow')))
    const tokens = await rp.redeem(code)
    t.type((await rp.verified(textField(tokens, 'id_token'), 'RS256'))['email'], 'string')
    const headers = { authorization: `Bearer ${textField(tokens, 'access_token')}` }
    t.match(await (await userinfo({ headers })).json(), { name: 'Alice Archer' })
  })

  await t.test('a request by POST is one by GET', async (t) => {
    const body = rp.url().searchParams
    body.append('state', 'st-2')
    const answer = await fetch(`${rp.issuer}/oauth/authorize`, { method: 'POST', body, redirect: 'manual' })
    t.equal(answer.status, 303)
    const next = new URL(answer.headers.get('location') ?? '', rp.issuer)
    t.same(next.searchParams.getAll('state'), ['st-1', 'st-2'], 'nothing is lost or made out of two')
    next.search = rp.url().search
    t.ok(responseOf(await rp.end(next))['code'])
  })

  await t.test('request objects by value; request_uri of strangers is not fetched', async (t) => {
    const claims = { response_type: 'code', redirect_uri: redirectUri, scope: 'openid', nonce: 'no-2' }
    const url = new URL('/oauth/authorize', rp.issuer)
    url.searchParams.set('client_id', signing.id)
    url.searchParams.set('request', await requestObject(signing, rp.issuer, claims))
    t.match((await new Person().open(url)).headers.get('location'), /^\/interaction\//)
    const by = await new Person().open(rp.url({ request_uri: 'https://rp.example/request.jwt' }))
    t.match(by.headers.get('location') ?? by.html, 'request_uri_not_supported')
  })
})

t.test('registration under the profile: the flows and the default algorithm of the standard', async (t) => {
  const platform = await startCertified(t, [], {
    registration: { who: 'anyone', scopes: ['openid', 'email'] },
  })
  const { issuer } = platform.config
  const register = (redirect_uri: string) =>
    fetch(`${issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: [redirect_uri],
        response_types: ['code id_token'],
        grant_types: ['authorization_code', 'implicit'],
      }),
    })
  const answer = await register(redirectUri)
  const client: unknown = await answer.json()
  t.equal(answer.status, 201)
  t.match(client, { id_token_signed_response_alg: 'RS256', response_types: ['code id_token'] })
  if (!isRecord(client)) throw new Error('no client')
  const rp = new RelyingParty(platform, textField(client, 'client_id'))
  const { id_token = '' } = await rp.respond({ response_type: 'code id_token' })
  t.equal((await rp.verified(id_token, 'RS256')).sub, 'acc-alice')
  t.equal((await register('https://localhost:8443/cb')).status, 201, 'a suite on this machine')
  t.equal((await register('http://rp.example/cb')).status, 400, 'but not without TLS')
})
