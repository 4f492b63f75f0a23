import { exportJWK, generateKeyPair } from 'jose'
import { stringify } from 'yaml'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { startHttpsHost } from './https-host.ts'
import { clientAssertionOf } from './keyed-client.ts'
import { outcome, tokenRequest } from './native.ts'

t.test('a client that was removed gets no token by a request that was under way', async (t) => {
  let asked: () => void = () => undefined
  let goOn: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve))
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const key = { ...(await exportJWK(publicKey)), kid: 'slow-1', alg: 'ES256', use: 'sig' }
  // Its keys are fetched while it authenticates itself, and come as slowly as it likes.
  const host = await startHttpsHost(t, (_request, response) => {
    asked()
    void mayGoOn.then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [key] })),
    )
  })
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: stringify({ idp: { fetch: host.fetch } }),
  })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const made = await admin.send('POST', '/clients', {
    client_id: 'slow',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    scope: 'orders:read',
    jwks_uri: `${host.origin}/jwks`,
  })
  t.equal(made.status, 201, JSON.stringify(made.body))
  const proof = await clientAssertionOf({ id: 'slow', privateKey, entry: {} }, issuer)
  const request = tokenRequest(issuer, { grant_type: 'client_credentials', ...proof })
  await isAsked
  t.equal((await admin.send('DELETE', '/clients/slow')).status, 204)
  goOn()
  t.equal(await outcome(await request), '401 invalid_client')
})
