import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person } from './person.ts'

t.test('a redirect URI that is not registered gets a page, never a redirect', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, gateway } = platform.config
  const registered = `${gateway.origin}/auth/callback`
  const { port } = new URL(gateway.origin)
  const attempts = {
    suffix: `${registered}.evil.test`,
    'path suffix': `${registered}/more`,
    case: registered.replace('/auth/', '/Auth/'),
    'host case and path': registered.replace('localhost', 'LOCALHOST').replace('callback', 'Callback'),
    port: registered.replace(port, '9'),
    'encoded dots': registered.replace('/callback', '/%2e%2e/callback'),
    dots: registered.replace('/auth/callback', '/auth/../auth/callback'),
    userinfo: registered.replace('http://', 'http://evil@'),
    'userinfo with host': registered.replace('localhost', 'localhost%40evil.test'),
    fragment: `${registered}#x`,
    query: `${registered}?x=1`,
    IDN: registered.replace('localhost', 'lоcalhost'),
    scheme: registered.replace('http:', 'https:'),
    javascript: 'javascript:alert(1)',
    'trailing space': `${registered} `,
    other: 'https://evil.test/callback',
    empty: '',
  }
  const person = new Person()
  for (const [what, redirect_uri] of Object.entries(attempts)) {
    const seen = await person.open(authorizeUrl(issuer, newPkce(), { client_id: 'gateway', redirect_uri }))
    t.equal(seen.status, 400, what)
    t.notOk(seen.headers.has('location'), `${what}: no redirect`)
    t.match(seen.headers.get('content-type'), /^text\/html/)
    t.match(seen.headers.get('content-security-policy'), /frame-ancestors 'none'/)
  }

  const twice = authorizeUrl(issuer, newPkce(), { client_id: 'gateway', redirect_uri: registered })
  twice.searchParams.append('redirect_uri', 'https://evil.test/callback')
  const repeated = await person.open(twice)
  t.equal(repeated.status, 400, 'repeated')
  t.notOk(repeated.headers.has('location'))

  const missing = await person.open(
    authorizeUrl(issuer, newPkce(), { client_id: 'gateway', redirect_uri: undefined }),
  )
  t.equal(missing.status, 400, 'missing')
  t.notOk(missing.headers.has('location'))

  const unknown = await person.open(
    authorizeUrl(issuer, newPkce(), { client_id: 'nobody', redirect_uri: registered }),
  )
  t.equal(unknown.status, 400, 'unknown client')
  t.notOk(unknown.headers.has('location'))
})

t.test('a native client may use any loopback port, and only loopback', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  for (const redirect_uri of [
    'http://127.0.0.1:1234/callback',
    'http://localhost:55555/callback',
    'http://[::1]:8/callback',
  ]) {
    const seen = await person.open(authorizeUrl(issuer, newPkce(), { redirect_uri }))
    t.equal(seen.status, 303, redirect_uri)
    t.match(seen.headers.get('location'), /^\/interaction\//)
  }
  for (const redirect_uri of [
    'http://127.0.0.2:1234/callback',
    'http://127.0.0.1:1234/other',
    'https://127.0.0.1:1234/callback',
    'http://127.0.0.1.evil.test/callback',
    'http://localhost.evil.test:80/callback',
    'http://evil@127.0.0.1:1234/callback',
    'http://127.1:1234/callback?x',
  ]) {
    const seen = await person.open(authorizeUrl(issuer, newPkce(), { redirect_uri }))
    t.equal(seen.status, 400, redirect_uri)
    t.notOk(seen.headers.has('location'), redirect_uri)
  }
})
