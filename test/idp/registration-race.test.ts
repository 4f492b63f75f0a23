import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { startHttpsHost } from './https-host.ts'
import { withClients } from './registered.ts'
import { registerSelf } from './self-registration.ts'

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
  const client = await registerSelf(issuer, metadata)

  const change = client.change({
    ...metadata,
    subject_type: 'pairwise',
    sector_identifier_uri: `${host.origin}/sector.json`,
  })
  await isAsked
  t.equal((await admin.send('DELETE', `/clients/${client.id}`)).status, 204)
  goOn()
  const changed = await change
  t.not(changed.status, 200, await changed.text())
  await withClients(platform, async (clients) => void t.equal(await clients.find(client.id), undefined))
})
