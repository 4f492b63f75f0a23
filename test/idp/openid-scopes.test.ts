import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { keyedClient, withClientsConfig } from './keyed-client.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { locationOf, Person } from './person.ts'

const redirect_uri = 'https://shop.example/cb'

t.test("OpenID Connect's scopes are for clients that are registered for them", async (t) => {
  const apiOnly = await keyedClient('shop', { scope: 'orders:read' })
  const config = withClientsConfig([apiOnly], {
    registration: { who: 'anyone', scopes: ['orders:read'] },
  })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const asks = async (client_id: string, scope: string): Promise<string | null> => {
    const url = authorizeUrl(issuer, newPkce(), { client_id, redirect_uri, scope })
    return locationOf(await new Person().open(url)).searchParams.get('error')
  }

  t.equal(await asks('shop', 'orders:read'), null, 'what it is registered for')
  for (const scope of ['openid', 'openid profile email orders:read', 'orders:read email'])
    t.equal(await asks('shop', scope), 'invalid_scope', scope)

  const registered = await fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirect_uri], scope: 'openid email orders:read' }),
  })
  const stranger: unknown = await registered.json()
  t.match(stranger, { scope: 'orders:read' })
  t.equal(await asks(textField(stranger, 'client_id'), 'openid email'), 'invalid_scope', 'a stranger')

  const admin = await Admin.of(platform)
  const made = await admin.send('POST', '/clients', { client_id: 'web', redirect_uris: [redirect_uri] })
  t.match(made.body, { scope: 'openid profile email' }, 'who signs people in and says nothing of it')
  t.equal(await asks('web', 'openid profile email'), null)
  t.equal((await admin.send('PATCH', '/clients/web', { scope: '' })).status, 200)
  t.equal(await asks('web', 'openid'), 'invalid_scope', 'nothing is nothing')
})
