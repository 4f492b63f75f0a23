import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { isRecord, jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { newPkce, outcome } from './native.ts'
import { locationOf, Person } from './person.ts'
import { WebClient } from './web.ts'

t.test('authorization code with PAR, PKCE and private_key_jwt', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, resource } = platform.config
  const web = new WebClient(platform)
  const arrived = await web.authorize()
  const { searchParams } = arrived.callback
  t.equal(`${arrived.callback.origin}${arrived.callback.pathname}`, web.redirectUri)
  t.equal(searchParams.get('state'), 'st-web')
  t.equal(searchParams.get('iss'), issuer, 'RFC 9207')

  const tokens: unknown = await (await web.redeem(arrived)).json()
  const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer))

  await t.test('the access token is for the APIs and names person, session and sign-in', async (t) => {
    const { payload } = await jwtVerify(textField(tokens, 'access_token'), keys, {
      issuer,
      audience: resource,
      typ: 'at+jwt',
    })
    t.match(payload, {
      sub: 'acc-alice',
      client_id: 'gateway',
      scope: 'users:read orders:read orders:write inventory:read',
      roles: ['customer'],
      acr: 'aal1',
      amr: ['pwd'],
      sid: String,
      auth_time: Number,
      jti: String,
    })
  })

  await t.test('the ID token tells the client who it is', async (t) => {
    const { payload } = await jwtVerify(textField(tokens, 'id_token'), keys, { issuer, audience: 'gateway' })
    t.match(payload, {
      sub: 'acc-alice',
      nonce: 'no-web',
      name: 'Alice Archer',
      preferred_username: 'alice',
      acr: 'aal1',
      amr: ['pwd'],
    })
    t.equal(
      payload['sid'],
      jwtParts(textField(tokens, 'access_token')).payload['sid'],
      'one name for the session',
    )
    t.notOk('email' in payload, 'not asked for')
  })

  await t.test('refreshing keeps person and session', async (t) => {
    const again: unknown = await (await web.refresh(textField(tokens, 'refresh_token'))).json()
    const { payload } = jwtParts(textField(again, 'access_token'))
    const before = jwtParts(textField(tokens, 'access_token')).payload
    for (const claim of ['sub', 'sid', 'auth_time', 'acr', 'scope'])
      t.equal(payload[claim], before[claim], claim)
    t.not(payload['jti'], before['jti'])

    const userinfo: unknown = await (
      await web.refresh(textField(again, 'refresh_token'), { scope: 'openid profile' })
    ).json()
    const token = textField(userinfo, 'access_token')
    t.notOk(token.includes('.'), 'OpenID scopes only: a token for the userinfo endpoint')
    const answer = await fetch(new URL('/oauth/userinfo', issuer), {
      headers: { authorization: `Bearer ${token}` },
    })
    t.match(await answer.json(), { sub: 'acc-alice', name: 'Alice Archer', preferred_username: 'alice' })
  })

  const wrong = await fetch(new URL('/oauth/userinfo', issuer), {
    headers: { authorization: `Bearer ${textField(tokens, 'access_token')}` },
  })
  t.equal(wrong.status, 401, 'the token for the APIs is not one for userinfo')
  t.match(wrong.headers.get('www-authenticate'), /^Bearer .*invalid_token/)
})

t.test('pushed requests', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)
  const person = new Person()

  const url = await web.pushedUrl(newPkce())
  t.match(url.searchParams.get('request_uri'), /^urn:ietf:params:oauth:request_uri:/)
  t.equal((await web.authorize({}, { person })).callback.searchParams.has('code'), true)
  const used = await web.pushedUrl(newPkce())
  const first = await person.follow(await person.open(used))
  t.ok(locationOf(first).searchParams.has('code'))
  const second = await person.follow(await person.open(used))
  t.equal(second.status, 400, 'used twice: a page, no code')

  const foreign = await web.pushedUrl(newPkce())
  foreign.searchParams.set('client_id', 'demo-native')
  t.equal((await person.follow(await person.open(foreign))).status, 400, 'of another client')

  const old = await web.pushedUrl(newPkce())
  platform.clock.advance(61_000)
  t.equal((await person.follow(await person.open(old))).status, 400, 'too old')

  const plain = await web.push({ verifier: '', challenge: '' }, { code_challenge_method: 'plain' })
  t.equal(await outcome(plain), '400 invalid_request')
  t.equal(
    await outcome(await web.push(newPkce(), { redirect_uri: 'https://evil.test/' })),
    '400 invalid_request',
  )
  const anonymous = await fetch(new URL('/oauth/par', issuer), {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'gateway' }),
  })
  t.equal(await outcome(anonymous), '401 invalid_client')
})

t.test('consent is asked once, for all that is asked, and again for more', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const web = new WebClient(platform)
  const password = platform.credentials.password('bob')

  const person = new Person()
  const signIn = await person.follow(
    await person.open(await web.pushedUrl(newPkce(), { scope: 'openid orders:read' })),
  )
  const consent = await person.signIn(signIn, 'bob', password)
  t.match(consent.html, /orders:read/)
  t.match(consent.html, new RegExp(new URL(web.redirectUri).host), 'says where it leads')
  t.ok(locationOf(await person.follow(await person.submit(consent, 'Allow'))).searchParams.has('code'))

  const same = await person.follow(
    await person.open(await web.pushedUrl(newPkce(), { scope: 'openid orders:read' })),
  )
  t.ok(locationOf(same).searchParams.has('code'), 'the same session is not asked again')

  const elsewhere = new Person()
  const page = await elsewhere.follow(
    await elsewhere.open(await web.pushedUrl(newPkce(), { scope: 'openid orders:read' })),
  )
  t.ok(
    locationOf(await elsewhere.signIn(page, 'bob', password)).searchParams.has('code'),
    'nor another session',
  )

  const more = await person.follow(
    await person.open(await web.pushedUrl(newPkce(), { scope: 'openid orders:read orders:write' })),
  )
  t.equal(more.status, 200, 'more is asked for')
  t.match(more.html, /orders:write/)
  t.match(more.html, /orders:read/, 'beside what was allowed before')
  const refused = locationOf(await person.follow(await person.submit(more, 'Do not allow')))
  t.equal(refused.searchParams.get('error'), 'access_denied')

  const none = await person.follow(
    await person.open(
      await web.pushedUrl(newPkce(), { scope: 'openid orders:read orders:write', prompt: 'none' }),
    ),
  )
  t.equal(locationOf(none).searchParams.get('error'), 'consent_required', 'and is not granted silently')

  const forbidden = await web.push(newPkce(), { scope: 'openid inventory:write' })
  t.equal(await outcome(forbidden), '400 invalid_scope', 'a client gets no more than it is registered for')
  const target = await web.push(newPkce(), { resource: 'urn:another:api' })
  t.equal(await outcome(target), '400 invalid_target')
})

t.test('a public client is asked about every time', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { authorize, authorizeUrl } = await import('./native.ts')
  const { person } = await authorize(platform, authorizeUrl(platform.config.issuer, newPkce()))
  const again = await person.follow(await person.open(authorizeUrl(platform.config.issuer, newPkce())))
  t.equal(again.status, 200)
  t.match(again.html, /Allow <bdi>Demo native application/)
})

t.test('tokens can be looked into and taken back by their owner', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const web = new WebClient(platform)
  const tokens: unknown = await (await web.redeem(await web.authorize())).json()
  const token = textField(tokens, 'refresh_token')
  const look = async (): Promise<unknown> => (await web.post('/oauth/introspect', { token })).json()
  t.match(await look(), { active: true, sub: 'acc-alice', client_id: 'gateway' })

  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const other = await fetch(new URL('/oauth/introspect', platform.config.issuer), {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ token }),
  })
  const seen: unknown = await other.json()
  t.same(seen, { active: false }, 'somebody else learns nothing')

  t.equal((await web.post('/oauth/revoke', { token })).status, 200)
  t.same(await look(), { active: false })
  t.equal(await outcome(await web.refresh(token)), '400 invalid_grant')
  t.equal((await web.post('/oauth/revoke', { token: 'never-was' })).status, 200, 'RFC 7009 section 2.2')
  t.ok(isRecord(seen))
})
