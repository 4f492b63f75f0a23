import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { outcome, tokenRequest } from './native.ts'
import { registerSelf } from './self-registration.ts'

t.test('a client that registers itself may send its secret along with a change', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { registration: { who: anyone } }' })
  const metadata = {
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'client_secret_basic',
  }
  const client = await registerSelf(platform.config.issuer, metadata)
  const secret = textField(client.answer, 'client_secret')
  const change = { ...metadata, client_name: 'Another' }
  const wrong = await client.change({ ...change, client_secret: `${secret}x` })
  t.equal(wrong.status, 400)
  const right = await client.change({ ...change, client_secret: secret })
  t.equal(right.status, 200, await right.text())
})

t.test('a client that comes to have a secret by a change is told it, once', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { registration: { who: anyone } }' })
  const { issuer } = platform.config
  const metadata = { redirect_uris: ['https://app.example/cb'] }
  const client = await registerSelf(issuer, { ...metadata, token_endpoint_auth_method: 'none' })
  t.notOk('client_secret' in Object(client.answer))
  const changed = await client.change({ ...metadata, token_endpoint_auth_method: 'client_secret_basic' })
  t.equal(changed.status, 200)
  const answer: unknown = await changed.json()
  const secret = textField(answer, 'client_secret')
  const { expiryMs } = platform.config.idp.protocol.registration
  const end = Math.floor((Date.now() + expiryMs) / 1000)
  t.ok(Math.abs(Number(Object(answer)['client_secret_expires_at']) - end) <= 60, 'RFC 7591 section 3.2.1')
  const basic = { id: client.id, secret }
  const params = { grant_type: 'authorization_code', code: 'none', redirect_uri: 'https://app.example/cb' }
  t.equal(await outcome(await tokenRequest(issuer, params, basic)), '400 invalid_grant', 'it is known by it')
  t.equal(await outcome(await tokenRequest(issuer, params, { ...basic, secret: 'x' })), '401 invalid_client')
  const authorization = `Bearer ${textField(answer, 'registration_access_token')}`
  const shown: unknown = await (
    await fetch(textField(answer, 'registration_client_uri'), { headers: { authorization } })
  ).json()
  t.equal(Object(shown)['client_id'], client.id)
  t.notOk('client_secret' in Object(shown), 'nobody here knows it any more')
})
