import t from 'tap'
import { Browser, codeOf, locationOf, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'

t.test('login: PAR, PKCE, one cookie, back to where one wanted to be', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const started = await browser.fetch('/auth/login?return_to=/orders%3Ftab%3Da')
  t.equal(started.status, 303)
  t.equal(started.headers.get('cache-control'), 'no-store')
  const location = new URL(locationOf(started))
  t.same([...location.searchParams.keys()].toSorted(), ['client_id', 'request_uri'], 'all else was pushed')
  t.match(Object.fromEntries(idp.pushedBehind(location.href)), {
    client_id: 'gateway',
    response_type: 'code',
    redirect_uri: `${door.origin}/auth/callback`,
    code_challenge_method: 'S256',
    code_challenge: /^[\w-]{43}$/,
    nonce: /^[\w-]{43}$/,
    state: /^[\w-]{43}$/,
    resource: 'urn:gatehouse:api',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  const cookie = started.headers.getSetCookie()[0] ?? ''
  t.match(
    cookie,
    /^__Host-gatehouse-login-[\w-]{22}=v1\..*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
  )

  const back = await browser.fetch(idp.authorize(location.href))
  t.equal(back.status, 303)
  t.equal(back.headers.get('location'), '/orders?tab=a')
  const set = back.headers.getSetCookie()
  t.equal(set.length, 2, 'the login cookie goes, the session cookie comes')
  t.ok(set.some((line) => line.startsWith('__Host-gatehouse-login-') && line.endsWith('Max-Age=0')))
  t.ok(
    set.some((line) => /^__Host-gatehouse=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/.test(line)),
    'for as long as the browser runs, at most',
  )
  t.equal((await browser.fetch('/api/echo')).status, 200)
})

t.test('several tabs sign in at once; only so many are remembered', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const tabs: string[] = []
  for (const page of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) {
    tabs.push(locationOf(await browser.fetch(`/auth/login?return_to=/${page}`)))
    door.clock.advance(10)
  }
  const held = browser.cookies.list(new URL(door.origin)).filter(({ name }) => name.includes('login'))
  t.equal(held.length, 5)
  const [first = '', , third = '', , , , seventh = ''] = tabs
  t.equal((await browser.fetch(idp.authorize(first))).status, 400, 'the oldest was given up')
  t.equal((await browser.fetch(idp.authorize(third))).headers.get('location'), '/three')
  t.equal((await browser.fetch(idp.authorize(seventh))).headers.get('location'), '/seven')
})

t.test('the identity server comes up later than the gateway', async (t) => {
  const placeholder = await FakeIdp.start(t)
  const { port, issuer } = placeholder
  await placeholder.stop()
  const door = await startDoor(t, { issuer })
  const browser = new Browser(door.origin)
  const away = await browser.fetch('/auth/login')
  t.equal(away.status, 503)
  t.match(away.headers.get('retry-after'), /^\d+$/)
  t.equal(await codeOf(away), 'upstream_unavailable')
  const page = await browser.fetch('/auth/login?return_to=/orders', { headers: { accept: 'text/html' } })
  t.equal(page.status, 503)
  t.match(await page.text(), 'href="/auth/login?return_to=%2Forders"', 'a person can try again from there')
  const idp = await FakeIdp.start(t, port)
  door.clock.advance(1100)
  t.equal((await signIn(browser, idp)).status, 303)
})

t.test('return_to is local or refused', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  for (const target of [
    '//evil.example',
    '/\\evil.example',
    '/%5Cevil',
    'https://evil.example',
    '/auth/login',
  ]) {
    const response = await browser.fetch(`/auth/login?return_to=${encodeURIComponent(target)}`)
    t.equal(response.status, 400, target)
    t.equal(await codeOf(response), 'invalid_request')
    t.same(response.headers.getSetCookie(), [])
  }
  t.equal((await browser.fetch('/auth/login?return_to=/a&return_to=/b')).status, 400, 'twice')
  t.equal(idp.count('/par'), 0, 'the identity server heard of none of it')
})

t.test('opened under another loopback name, it starts at the one where the cookie will be', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const { port } = new URL(door.origin)
  const response = await fetch(`http://127.0.0.1:${port}/auth/login?return_to=/x`, { redirect: 'manual' })
  t.equal(response.headers.get('location'), `${door.origin}/auth/login?return_to=%2Fx`)
})

t.test('GET /auth/session tells who and how long, and nothing that opens a door', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const none = await browser.fetch('/auth/session')
  t.equal(none.status, 401)
  t.equal(await codeOf(none), 'no_session')
  t.equal(none.headers.get('www-authenticate'), 'Cookie realm="gatehouse"')
  await signIn(browser, idp)
  const response = await browser.fetch('/auth/session')
  t.equal(response.headers.get('cache-control'), 'no-store')
  const text = await response.text()
  t.match(JSON.parse(text), {
    sub: 'acc-alice',
    username: 'alice',
    name: 'Alice',
    roles: ['customer'],
    scope: 'orders:read orders:write',
    auth_time: Number,
    expires_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    idle_expires_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  })
  t.notMatch(text, /refresh-/)
  t.notMatch(text, looksLikeAToken)
})
