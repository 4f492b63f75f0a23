import * as oauth from 'oauth4webapi'
import t from 'tap'
import { stringify } from 'yaml'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { startHttpsHost } from '../idp/https-host.ts'
import { locationOf, Person } from '../idp/person.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
const redirectUri = 'http://127.0.0.1:49154/callback'

t.test('an agent whose id is the URL of its metadata connects without registering', async (t) => {
  const host = await startHttpsHost(t, (request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        client_id: `https://${request.headers.host}/agent.json`,
        client_name: 'Travelling agent',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
      }),
    )
  })
  const metadataDocuments = { hosts: 'any', scopes: ['openid', 'offline_access', 'orders:read'] }
  const platform = await startPlatform({
    t,
    config: stringify({ idp: { metadataDocuments, fetch: host.fetch } }),
  })
  const { gateway } = platform.config
  const client = { client_id: `${host.origin}/agent.json` }

  const first = await platform.fetch('/api/orders')
  t.equal(first.status, 401)
  const challenge = first.headers.get('www-authenticate') ?? ''
  const metadataUrl = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? ''
  const resource: unknown = await (await fetch(metadataUrl)).json()
  t.equal(textField(resource, 'resource'), gateway.origin)
  const url = new URL(String(listField(resource, 'authorization_servers')[0]))
  const as = await oauth.processDiscoveryResponse(
    url,
    await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure }),
  )
  t.equal(as['client_id_metadata_document_supported'], true)
  t.equal(as.registration_endpoint, undefined, 'there is no other way in')

  const verifier = oauth.generateRandomCodeVerifier()
  const start = new URL(as.authorization_endpoint ?? '')
  start.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid orders:read',
    resource: gateway.origin,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const person = new Person()
  const login = await person.follow(await person.open(start))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  t.match(consent.html, /Travelling agent/)
  t.match(consent.html, /unknown here/)
  t.match(consent.html, `describes itself at <strong>${new URL(host.origin).host}</strong>`)
  const callback = locationOf(await person.follow(await person.submit(consent, 'Allow')))

  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    oauth.None(),
    oauth.validateAuthResponse(as, client, callback, oauth.expectNoState),
    redirectUri,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response)
  t.equal((await platform.fetch('/api/orders', { token: tokens.access_token })).status, 200)
  t.equal((await platform.fetch('/api/users/me', { token: tokens.access_token })).status, 403)
  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', insecure),
  )
  t.equal((await platform.fetch('/api/orders', { token: refreshed.access_token })).status, 200)
})
