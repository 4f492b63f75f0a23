import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { Person } from '../idp/person.ts'

t.test('no page is shown in a frame of somebody else', async (t) => {
  const platform = await startPlatform({ t })
  const { issuer, gateway } = platform.config
  const person = new Person()
  const signIn = await person.follow(await person.open(`${issuer}/account`))
  t.match(signIn.html, /type="password"/)
  await platform.signIn('alice', { cookies: person.jar })
  const pages = {
    'the sign-in page': signIn,
    'the account page': await person.open(`${issuer}/account`),
    'the question before signing out': await person.open(`${issuer}/oauth/logout`),
    'the page for a device code': await person.open(`${issuer}/device`),
    'an error at the identity server': await person.open(`${issuer}/oauth/authorize?client_id=nobody`),
    'the web app, signed in': await person.open(`${gateway.origin}/`),
    'the web app, signed out': await new Person().open(`${gateway.origin}/`),
    'a sign-in that failed': await person.open(`${gateway.origin}/auth/callback?state=unknown`),
    'an answer of the API': await person.open(`${gateway.origin}/api/orders`),
    'who is signed in': await person.open(`${gateway.origin}/auth/session`),
    'whether it is ready': await person.open(`${gateway.origin}/readyz`),
    'what the resource is': await person.open(`${gateway.origin}/.well-known/oauth-protected-resource`),
    'what the routes take': await person.open(`${gateway.origin}/openapi.json`),
  }
  for (const [name, { headers, status }] of Object.entries(pages)) {
    t.match(headers.get('content-security-policy'), /frame-ancestors 'none'/, `${name} (${status})`)
    t.equal(headers.get('x-content-type-options'), 'nosniff', name)
  }
})
