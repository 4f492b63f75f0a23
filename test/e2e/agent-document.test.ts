import * as oauth from 'oauth4webapi'
import t from 'tap'
import { stringify } from 'yaml'
import { startPlatform } from '../harness/index.ts'
import { startHttpsHost } from '../idp/https-host.ts'
import { Agent, findServer } from './agent.ts'

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

  const found = await findServer(platform)
  const { as } = found
  t.equal(found.status, 401)
  t.equal(found.resource, gateway.origin)
  t.equal(as['client_id_metadata_document_supported'], true)
  t.equal(as.registration_endpoint, undefined, 'there is no other way in')

  const agent = await Agent.of(found, client, redirectUri)
  const { consent, allowed } = await agent.ask(platform)
  t.match(consent.html, /Travelling agent/)
  t.match(consent.html, /unknown here/)
  t.match(consent.html, `describes itself at <strong>${new URL(host.origin).host}</strong>`)
  const tokens = await allowed()
  t.equal((await platform.fetch('/api/orders', { token: tokens.access_token })).status, 200)
  t.equal((await platform.fetch('/api/users/me', { token: tokens.access_token })).status, 403)
  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', insecure),
  )
  t.equal((await platform.fetch('/api/orders', { token: refreshed.access_token })).status, 200)
})
