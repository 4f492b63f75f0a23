import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'

t.test('a client that registers itself may send its secret along with a change', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { registration: { who: anyone } }' })
  const metadata = {
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'client_secret_basic',
  }
  const send = (method: string, url: string, token: string, body: unknown) =>
    fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    })
  const made: unknown = await (
    await send('POST', `${platform.config.issuer}/oauth/register`, '', metadata)
  ).json()
  const url = textField(made, 'registration_client_uri')
  const secret = textField(made, 'client_secret')
  const change = { ...metadata, client_id: textField(made, 'client_id'), client_name: 'Another' }
  const token = textField(made, 'registration_access_token')
  const wrong = await send('PUT', url, token, { ...change, client_secret: `${secret}x` })
  t.equal(wrong.status, 400)
  const right = await send('PUT', url, token, { ...change, client_secret: secret })
  t.equal(right.status, 200, await right.text())
})
