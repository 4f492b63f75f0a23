import t from 'tap'
import { startPlatform } from '../harness/index.ts'
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
