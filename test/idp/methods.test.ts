import t from 'tap'
import { stringify } from 'yaml'
import { startPlatform } from '../harness/index.ts'

const read = 'GET, HEAD'
const both = 'GET, HEAD, POST'
const allowed: Readonly<Record<string, string>> = {
  '/.well-known/openid-configuration': read,
  '/.well-known/oauth-authorization-server': read,
  '/oauth/jwks': read,
  '/oauth/authorize': both,
  '/oauth/logout': both,
  '/oauth/userinfo': both,
  '/device': both,
  '/oauth/token': 'POST',
  '/oauth/par': 'POST',
  '/oauth/introspect': 'POST',
  '/oauth/revoke': 'POST',
  '/oauth/device': 'POST',
  '/oauth/register': 'POST',
  '/oauth/register/somebody': 'GET, HEAD, PUT, DELETE',
}

t.test('a method that an endpoint does not have is 405, with those that it has', async (t) => {
  const config = stringify({ idp: { registration: { who: 'anyone' } } })
  const { issuer } = (await startPlatform({ only: ['idp'], t, config })).config
  for (const [path, allow] of Object.entries(allowed)) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, headers, body } = await fetch(issuer + path, { method, redirect: 'manual' })
      await body?.cancel()
      const isServed = allow.split(', ').includes(method)
      t.equal(status === 405, !isServed, `${method} ${path}: ${status}`)
      if (!isServed) t.equal(headers.get('allow'), allow)
    }
  }
  const other = await fetch(`${issuer}/oauth/other`, { method: 'PUT' })
  t.equal(other.status, 404, 'what is not there at all')
})
