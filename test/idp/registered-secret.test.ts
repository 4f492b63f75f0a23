import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
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
