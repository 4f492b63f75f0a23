import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { startHttpsHost } from './https-host.ts'
import { withClients } from './registered.ts'

const redirectUri = 'https://app.example/cb'

t.test('a client that was removed does not come back by a change that was under way', async (t) => {
  let asked: () => void = () => undefined
  let goOn: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve))
  // The server looks here before it keeps the change.
  const host = await startHttpsHost(t, (_request, response) => {
    asked()
    void mayGoOn.then(() =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify([redirectUri])),
    )
  })
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: JSON.stringify({ idp: { registration: { who: 'anyone' }, fetch: host.fetch } }),
  })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
  const send = (method: string, url: string, token: string, body: unknown) =>
    fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    })
  const answer: unknown = await (await send('POST', `${issuer}/oauth/register`, '', metadata)).json()
  const [id, url, token] = ['client_id', 'registration_client_uri', 'registration_access_token'].map((name) =>
    textField(answer, name),
  )
  if (id === undefined || url === undefined || token === undefined) throw new Error('not registered')

  const change = send('PUT', url, token, {
    ...metadata,
    client_id: id,
    subject_type: 'pairwise',
    sector_identifier_uri: `${host.origin}/sector.json`,
  })
  await isAsked
  t.equal((await admin.send('DELETE', `/clients/${id}`)).status, 204)
  goOn()
  const changed = await change
  t.not(changed.status, 200, await changed.text())
  await withClients(platform, async (clients) => void t.equal(await clients.find(id), undefined))
})
