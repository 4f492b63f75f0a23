import t from 'tap'
import { Browser, codeOf, signIn, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'

t.test('a session id that was there before the sign-in is not kept', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const planted = 'F'.repeat(43)
  browser.cookies.set(new URL(door.origin), '__Host-gatehouse', planted)
  t.equal((await signIn(browser, idp)).status, 303)
  t.not(browser.session, planted)
  const asAttacker = await fetch(`${door.origin}/auth/session`, {
    headers: { cookie: `__Host-gatehouse=${planted}` },
  })
  t.equal(asAttacker.status, 401)
})

t.test('signing in again gives a new id and ends the old one', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const before = browser.session
  t.equal((await browser.fetch('/api/echo')).status, 200, 'it is in the cache')
  await signIn(browser, idp)
  t.not(browser.session, before)
  const old = await fetch(`${door.origin}/api/echo`, { headers: { cookie: `__Host-gatehouse=${before}` } })
  t.equal(old.status, 401)
  t.match(
    old.headers.getSetCookie()[0],
    /^__Host-gatehouse=;.*Max-Age=0$/,
    'the useless cookie is taken away',
  )
})

t.test('tossed cookies: two of our name are refused, other spellings are not ours', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const ours = `__Host-gatehouse=${browser.session}`
  const send = (cookie: string) => fetch(`${door.origin}/api/echo`, { headers: { cookie } })
  t.equal((await send(`a=b; ${ours}; c=d`)).status, 200)
  const reached = door.reached.count
  for (const cookie of [
    `${ours}; ${ours}`,
    `${ours}; __Host-gatehouse=${'E'.repeat(43)}`,
    `__Host-gatehouse=; ${ours}`,
  ]) {
    const response = await send(cookie)
    t.equal(response.status, 400)
    t.equal(await codeOf(response), 'invalid_request')
  }
  const foreign = [
    `__host-gatehouse=${browser.session}`,
    `gatehouse=${browser.session}`,
    `x__Host-gatehouse=${browser.session}`,
    `=${ours}`,
    browser.session ?? '',
  ]
  for (const cookie of foreign) t.equal((await send(cookie)).status, 401, cookie.slice(0, 20))
  for (const value of ['', 'short', `${browser.session}A`, "' or 1=1 --", '%00', '__proto__']) {
    const response = await send(`__Host-gatehouse=${value}`)
    t.equal(response.status, 401, value)
    t.equal(await codeOf(response), 'no_session')
  }
  t.equal(door.reached.count, reached, 'none of it reached what is behind')
})
