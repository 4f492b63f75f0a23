import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { registerSelf } from './self-registration.ts'

t.test('an administrator changes a client that registered itself', async (t) => {
  const config = 'idp: { registration: { who: anyone } }'
  const platform = await startPlatform({ only: ['idp'], t, config })
  const admin = await Admin.of(platform)
  for (const token_endpoint_auth_method of ['none', 'client_secret_basic']) {
    const metadata = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method }
    const client = await registerSelf(platform.config.issuer, metadata)
    const path = `/clients/${client.id}`
    const narrowed = await admin.send('PATCH', path, { scope: 'openid' })
    t.equal(narrowed.status, 200, JSON.stringify(narrowed.body))
    t.match((await admin.get(path)).body, { scope: 'openid', unknown_party: true })
    const { body } = await client.read()
    t.match(body, { scope: 'openid' }, 'and it finds itself so')
    t.equal('client_secret_expires_at' in Object(body), token_endpoint_auth_method !== 'none')
  }
})

t.test('what an operator has said of a client is not for the client to take back', async (t) => {
  const config = 'idp: { registration: { who: anyone } }'
  const platform = await startPlatform({ only: ['idp'], t, config })
  const admin = await Admin.of(platform)
  const metadata = {
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://app.example/jwks',
  }
  const client = await registerSelf(platform.config.issuer, metadata)
  const said = {
    profile: 'fapi2',
    access_token_format: 'opaque',
    access_token_ttl: 60,
    refresh_token_ttl: 3600,
    id_token_ttl: 60,
    exchange_audiences: ['urn:gatehouse:api'],
  }
  const path = `/clients/${client.id}`
  const restricted = await admin.send('PATCH', path, said)
  t.equal(restricted.status, 200, JSON.stringify(restricted.body))

  const weak = { ...metadata, token_endpoint_auth_method: 'none', jwks_uri: undefined }
  const refused = await client.change(weak)
  t.equal(refused.status, 400, 'what its profile asks for')
  t.equal(textField(await refused.json(), 'error'), 'invalid_client_metadata')
  const changed = await client.change({ ...metadata, client_name: 'Renamed', access_token_ttl: 86_400 })
  t.equal(changed.status, 200, 'it may have another name')
  t.match((await admin.get(path)).body, { ...said, client_name: 'Renamed' })
})
