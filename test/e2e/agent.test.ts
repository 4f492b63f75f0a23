import * as oauth from 'oauth4webapi'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { isRecord, textField } from '../harness/json.ts'
import { Agent, findServer } from './agent.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
const redirectUri = 'http://127.0.0.1:49153/callback'

t.test('an agent that knows nothing but an URL connects without an operator', async (t) => {
  const registration = '{ who: anyone, scopes: [openid, offline_access, orders:read], quota: 3/min }'
  const platform = await startPlatform({ t, config: `idp: { registration: ${registration} }` })
  const { gateway, issuer, idp } = platform.config

  const found = await findServer(platform)
  t.equal(found.status, 401)
  t.equal(found.resource, gateway.origin)
  t.same(found.issuers, [issuer])
  const asked = {
    client_name: 'Handy agent',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid orders:read orders:write',
    exchange_audiences: ['urn:gatehouse:api'],
    unknown_party: false,
  }
  const client = await oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(found.as, asked, insecure),
  )
  t.equal(client['scope'], 'openid orders:read', 'no more than the policy gives')

  const agent = await Agent.of(found, client, redirectUri)
  const { consent, allowed } = await agent.ask(platform)
  t.match(consent.html, /Handy agent/)
  t.match(consent.html, /unknown here/, 'people are told')
  const tokens = await allowed()
  const served = await platform.fetch('/api/orders', { token: tokens.access_token })
  t.equal(served.status, 200)
  const order = {
    method: 'POST',
    body: '{"sku":"tea","quantity":1}',
    headers: { 'content-type': 'application/json' },
  }
  t.equal((await platform.fetch('/api/orders', { ...order, token: tokens.access_token })).status, 403)

  await t.test('and manages what it registered', async (t) => {
    const at = textField(client, 'registration_client_uri')
    const headers = { authorization: `Bearer ${textField(client, 'registration_access_token')}` }
    const read: unknown = await (await fetch(at, { headers })).json()
    t.equal(isRecord(read) && read['client_name'], 'Handy agent')
    t.equal((await fetch(at, { headers: { authorization: 'Bearer other' } })).status, 401)
    t.equal((await fetch(at, { method: 'DELETE', headers })).status, 204)
    t.equal((await fetch(agent.start, { redirect: 'manual' })).status, 400, 'it is gone')
  })

  await t.test('within the policy', async (t) => {
    const register = (metadata: object) =>
      fetch(new URL('/oauth/register', issuer), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: ['https://agent.example/cb'], ...metadata }),
      })
    const machine = await register({ grant_types: ['client_credentials'] })
    t.equal(machine.status, 400)
    t.equal(textField(await machine.json(), 'error'), 'invalid_client_metadata')
    const secret = await register({ token_endpoint_auth_method: 'client_secret_basic' })
    t.equal(secret.status, 201)
    t.ok(textField(await secret.json(), 'client_secret'))
    t.equal((await register({})).status, 429, 'the quota of an address')
    platform.clock.advance(idp.protocol.registration.expiryMs + 1000)
    t.equal((await fetch(agent.start, { redirect: 'manual' })).status, 400)
  })
})
