import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce, redirectUri } from './native.ts'
import { Person } from './person.ts'
import { withClients } from './registered.ts'

t.test('pages give nothing to an attacker', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  const page = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))

  t.test('headers', (t) => {
    const policy = page.headers.get('content-security-policy') ?? ''
    t.match(policy, /default-src 'none'/)
    t.match(policy, /frame-ancestors 'none'/)
    t.match(
      policy,
      /form-action 'self' http:\/\/127\.0\.0\.1:49152(?:;|$)/,
      "forms lead here and to this client's origin",
    )
    t.notMatch(policy, /unsafe|script-src/)
    t.equal(page.headers.get('x-frame-options'), 'DENY')
    t.equal(page.headers.get('cache-control'), 'no-store')
    t.equal(page.headers.get('referrer-policy'), 'no-referrer')
    t.equal(page.headers.get('x-content-type-options'), 'nosniff')
    t.notMatch(page.html, /<script|style=|javascript:/i, 'no script, no style of its own')
    t.match(page.html, /<html lang="en">/)
    t.match(page.html, /name="viewport"/)
    t.end()
  })

  await t.test('cookies', async (t) => {
    const fresh = await person.open(authorizeUrl(issuer, newPkce()))
    const cookies = fresh.headers.getSetCookie()
    t.ok(cookies.length >= 2)
    for (const cookie of cookies) {
      t.match(cookie, /; ?secure/i)
      t.match(cookie, /; ?httponly/i)
      t.match(cookie, /; ?samesite=lax/i)
      t.notMatch(cookie, /domain=/i)
      t.match(cookie, /^__(Host-idp-session|Secure-idp-)/)
    }
  })

  await t.test('a form from another site is refused', async (t) => {
    const form = page.forms.find(({ action }) => action.pathname.endsWith('/login'))
    if (form === undefined) throw new Error('no form')
    const post = (headers: Record<string, string>) =>
      person.open(form.action, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ username: 'alice', password: platform.credentials.password('alice') }),
      })
    t.equal((await post({ 'sec-fetch-site': 'cross-site', origin: issuer })).status, 403)
    t.equal((await post({ 'sec-fetch-site': 'same-site', origin: issuer })).status, 403)
    t.equal((await post({ origin: 'http://evil.test' })).status, 403)
    t.equal((await post({ 'sec-fetch-site': 'same-origin', origin: 'null' })).status, 303, 'our own is not')
  })

  await t.test("another browser's interaction cannot be opened", async (t) => {
    const victim = new Person()
    const theirs = await victim.follow(await victim.open(authorizeUrl(issuer, newPkce())))
    const attacker = new Person()
    t.equal((await attacker.open(theirs.url)).status, 400)
    const own = await attacker.follow(await attacker.open(authorizeUrl(issuer, newPkce())))
    attacker.jar.set(theirs.url, '__Secure-idp-interaction', own.url.pathname.split('/')[2] ?? '')
    t.equal((await attacker.open(theirs.url)).status, 400, 'nor with the cookie of the own one')
  })

  await t.test('nobody consents who was not asked', async (t) => {
    const other = new Person()
    const login = await other.follow(await other.open(authorizeUrl(issuer, newPkce())))
    const seen = await other.open(`${login.url.href}/consent`, {
      method: 'POST',
      body: new URLSearchParams(),
    })
    t.equal(seen.status, 400)
  })

  t.equal(
    (await person.open(`${issuer}/interaction/nope`)).status,
    400,
    'an unknown one is a page, not a crash',
  )
  const large = await person.open(`${page.url.href}/login`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'a'.repeat(20_000) }),
  })
  t.equal(large.status, 413)
  t.match(large.headers.get('content-type'), /^text\/html/)
})

t.test('what clients are called is shown, never run', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const name = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
  await withClients(platform, (clients) =>
    clients.put({
      client_id: 'hostile',
      client_name: name,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback'],
      post_logout_redirect_uris: [],
      scope: 'openid orders:read',
    }),
  )
  const person = new Person()
  const url = authorizeUrl(issuer, newPkce(), {
    client_id: 'hostile',
    scope: 'openid orders:read',
    redirect_uri: redirectUri,
  })
  url.searchParams.set('login_hint', '"><script>alert(2)</script>')
  const login = await person.follow(await person.open(url))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const logout = await person.open(`${issuer}/oauth/logout?client_id=hostile`)
  for (const page of [login, consent, logout]) {
    t.equal(page.status, 200)
    t.match(page.html, '&lt;script&gt;alert(1)&lt;/script&gt;', page.url.pathname)
    t.notMatch(page.html, /<script|<img/i)
  }
  t.match(login.html, '&quot;&gt;&lt;script&gt;alert(2)')
  t.match(consent.html, /Read your orders/)
})

t.test('a request that comes as a form gets through as long as it may be', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const answerTo = async (state: string) => {
    const body = authorizeUrl(issuer, newPkce(), { state, prompt: 'none' }).searchParams
    const person = new Person()
    const sent = await person.open(`${issuer}/oauth/authorize`, { method: 'POST', body })
    return sent.status === 303 ? person.open(new URL(sent.headers.get('location') ?? '', issuer)) : sent
  }
  for (const length of [100, 7_000, 9_000, 11_000]) {
    const state = 'a'.repeat(length)
    const callback = new URL((await answerTo(state)).headers.get('location') ?? 'none:')
    t.equal(callback.searchParams.get('error'), 'login_required', `${length}`)
    t.equal(callback.searchParams.get('state'), state)
  }
  t.equal((await answerTo('a'.repeat(13_000))).status, 413, 'at once, not where it is sent on to')
  // Each of these is three characters in a URL.
  const body = `client_id=demo-native&state=${'!'.repeat(11_000)}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const wide = await fetch(`${issuer}/oauth/authorize`, { method: 'POST', body, headers, redirect: 'manual' })
  t.equal(wide.status, 413)
})
