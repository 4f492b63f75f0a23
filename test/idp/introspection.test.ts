import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin, adminToken } from './admin.ts'
import { assertionType, clientAssertion } from './assertion.ts'
import { withClientsConfig } from './keyed-client.ts'
import { authorize, authorizeUrl, nativeClient, newPkce, newTokens, tokenRequest } from './native.ts'
import { WebClient } from './web.ts'

t.test('introspection answers for access tokens', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, resource } = platform.config
  const machine = async (path: string, token: string, headers: Record<string, string> = {}) => {
    const secret = platform.credentials.clientSecret('demo-machine') ?? ''
    const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
    const body = new URLSearchParams({ token })
    return fetch(new URL(path, issuer), { method: 'POST', body, headers: { authorization, ...headers } })
  }
  const ask = async (token: string) => (await machine('/oauth/introspect', token)).json()

  await t.test('until they are given back', async (t) => {
    const token = await platform.token({ scope: 'orders:read' })
    t.match(await ask(token), {
      active: true,
      iss: issuer,
      aud: resource,
      client_id: 'demo-machine',
      scope: 'orders:read',
      token_type: 'Bearer',
    })
    t.equal((await machine('/oauth/revoke', token)).status, 200)
    t.same(await ask(token), { active: false })
  })

  await t.test('for administration, to the client that has it', async (t) => {
    const token = await adminToken(platform)
    const cli = { id: 'gatehouse-cli', keyFile: platform.paths.cliClientKey, issuer }
    const asCli = async (path: string) => {
      const proof = { client_assertion_type: assertionType, client_assertion: await clientAssertion(cli) }
      return fetch(issuer + path, { method: 'POST', body: new URLSearchParams({ token, ...proof }) })
    }
    const known: unknown = await (await asCli('/oauth/introspect')).json()
    t.match(known, { active: true, aud: 'urn:gatehouse:admin', client_id: 'gatehouse-cli' })
    t.same(await ask(token), { active: false }, 'to no other')
    const seen: unknown = await (await new WebClient(platform).post('/oauth/introspect', { token })).json()
    t.same(seen, { active: false }, 'who serves the APIs serves no administration')
    t.equal((await asCli('/oauth/revoke')).status, 200)
    t.same(await (await asCli('/oauth/introspect')).json(), { active: false })
  })

  await t.test('others are told nothing, but for who serves the resource', async (t) => {
    const { accessToken } = await newTokens(platform)
    t.same(await ask(accessToken), { active: false })
    const gateway = new WebClient(platform)
    const seen: unknown = await (await gateway.post('/oauth/introspect', { token: accessToken })).json()
    t.match(seen, { active: true, sub: 'acc-alice', client_id: nativeClient })
  })

  await t.test('not after the person took the grant back', async (t) => {
    const { accessToken, refreshToken } = await newTokens(platform)
    const gateway = new WebClient(platform)
    const state = async () => (await gateway.post('/oauth/introspect', { token: accessToken })).json()
    t.match(await state(), { active: true })
    const body = new URLSearchParams({ token: refreshToken, client_id: nativeClient })
    await fetch(new URL('/oauth/revoke', issuer), { method: 'POST', body })
    t.same(await state(), { active: false })
  })

  await t.test('expired, foreign, garbage: inactive', async (t) => {
    const token = await platform.token()
    t.same(await ask(`${token.slice(0, -10)}AAAAAAAAAA`), { active: false })
    t.same(await ask('garbage'), { active: false })
    platform.clock.advance(301_000)
    t.same(await ask(token), { active: false })
  })

  await t.test('signed, for who wants that (RFC 9701)', async (t) => {
    const token = await platform.token()
    const accept = 'application/token-introspection+jwt'
    const response = await machine('/oauth/introspect', token, { accept })
    t.match(response.headers.get('content-type'), accept)
    const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer))
    const { payload } = await jwtVerify(await response.text(), keys, {
      issuer,
      audience: 'demo-machine',
      typ: 'token-introspection+jwt',
      currentDate: new Date(),
    })
    t.match(payload['token_introspection'], { active: true, client_id: 'demo-machine' })
    t.ok(textField(payload, 'iss'))
  })
})

t.test('an opaque token ends with the roles that it says, as one does that says them itself', async (t) => {
  const redirect_uri = 'https://quiet.example/cb'
  const basic = { id: 'quiet', secret: 'quiet-secret-of-some-length-0123456789' }
  const entry = {
    client_id: basic.id,
    client_secret: basic.secret,
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    redirect_uris: [redirect_uri],
    scope: 'openid orders:read',
    access_token_format: 'opaque',
  }
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([{ entry }]) })
  const { issuer } = platform.config
  const newToken = async (): Promise<string> => {
    const pkce = newPkce()
    const asked = { client_id: basic.id, redirect_uri, scope: 'openid orders:read' }
    const { callback } = await authorize(platform, authorizeUrl(issuer, pkce, asked))
    const code = callback.searchParams.get('code') ?? ''
    const params = { grant_type: 'authorization_code', redirect_uri, code, code_verifier: pkce.verifier }
    return textField(await (await tokenRequest(issuer, params, basic)).json(), 'access_token')
  }
  const ask = async (token: string, accept = 'application/json') => {
    const authorization = `Basic ${Buffer.from(`${basic.id}:${basic.secret}`).toString('base64')}`
    const init = { method: 'POST', headers: { authorization, accept }, body: new URLSearchParams({ token }) }
    return (await fetch(`${issuer}/oauth/introspect`, init)).text()
  }
  const token = await newToken()
  t.match(JSON.parse(await ask(token)), { active: true, roles: ['customer'] })
  const admin = await Admin.of(platform)
  await admin.send('PUT', '/accounts/acc-alice/roles', { roles: ['support'] })
  t.same(JSON.parse(await ask(token)), { active: false })
  const { payload } = jwtParts(await ask(token, 'application/token-introspection+jwt'))
  t.same(payload['token_introspection'], { active: false })
  t.match(JSON.parse(await ask(await newToken())), { active: true, roles: ['support'] })
})
