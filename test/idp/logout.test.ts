import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { authorizeUrl, newPkce, newTokens, outcome, refresh } from './native.ts'
import { locationOf, Person } from './person.ts'
import { WebClient } from './web.ts'

t.test('signing out', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, gateway } = platform.config
  const web = new WebClient(platform)
  const arrived = await web.authorize()
  const tokens: unknown = await (await web.redeem(arrived)).json()
  const { person } = arrived
  const url = new URL('/oauth/logout', issuer)
  url.searchParams.set('id_token_hint', textField(tokens, 'id_token'))
  url.searchParams.set('post_logout_redirect_uri', `${gateway.origin}/`)
  url.searchParams.set('state', 'out-1')

  const page = await person.open(url)
  t.equal(page.status, 200, 'a link alone signs nobody out')
  t.match(page.html, /Sign out\?/)
  const foreign = await person.open(`${issuer}/oauth/logout/confirm`, {
    method: 'POST',
    body: new URLSearchParams({ logout: 'yes', xsrf: 'guessed' }),
  })
  t.equal(foreign.status, 400, 'nor does a form from elsewhere')

  const left = locationOf(await person.submit(await person.open(url), 'Sign out'))
  t.equal(left.href, `${gateway.origin}/?state=out-1`)
  t.equal(
    await outcome(await web.refresh(textField(tokens, 'refresh_token'))),
    '400 invalid_grant',
    'its tokens are over',
  )
  const again = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  t.match(again.html, /type="password"/, 'and so is the session')

  const nobody = locationOf(await new Person().open(url))
  t.equal(nobody.href, `${gateway.origin}/?state=out-1`, 'who is not signed in is sent on without a page')

  const evil = new URL(url)
  evil.searchParams.set('post_logout_redirect_uri', 'https://evil.test/')
  const refused = await new Person().open(evil)
  t.equal(refused.status, 400, 'only where the client registered')
  t.notOk(refused.headers.has('location'))
  const unnamed = await new Person().open(
    `${issuer}/oauth/logout?post_logout_redirect_uri=https://evil.test/`,
  )
  t.equal(locationOf(unnamed).href, `${issuer}/oauth/logout/success`, 'and nowhere for nobody')
})

t.test('offline access outlives signing out, other access does not', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const offline = await newTokens(platform, { scope: 'openid offline_access orders:read', prompt: 'consent' })
  const session = await newTokens(platform)
  for (const { person } of [offline, session]) {
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  }
  t.equal(await outcome(await refresh(issuer, offline.refreshToken)), '200')
  t.equal(await outcome(await refresh(issuer, session.refreshToken)), '400 invalid_grant')
})

t.test('signing in as somebody else', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)
  const { person } = await web.authorize()
  const cookie = person.jar.get('__Host-idp-session')
  const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce(), { prompt: 'login' })))
  const between = await person.signIn(login, 'bob', platform.credentials.password('bob'))
  t.match(between.html, /Continue with another account\?/)
  t.notMatch(between.html, /<script/, 'needs no script')
  const consent = await person.follow(await person.submit(between, 'Continue'))
  t.match(consent.html, /Bob Bowman/)
  t.not(person.jar.get('__Host-idp-session'), cookie, 'a new session')
})
