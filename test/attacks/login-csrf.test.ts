import t from 'tap'
import { Browser, codeOf, locationOf, signIn, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'

const tokenCall = '/token authorization_code'

t.test('an answer to a sign-in that this browser did not begin', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const attacker = new Browser(door.origin)
  const victim = new Browser(door.origin)
  const callback = idp.authorize(locationOf(await attacker.fetch('/auth/login')))

  const refused = async (name: string, url: URL, browser: Browser) => {
    const response = await browser.fetch(url)
    t.equal(response.status, 400, name)
    t.equal(await codeOf(response), 'login_failed')
    t.equal(browser.session, undefined, 'no session cookie')
    t.equal(idp.count(tokenCall), 0, 'the code was not redeemed')
  }
  await refused('of another browser', callback, victim)
  await victim.fetch('/auth/login')
  await refused('of another browser, while one is under way here', callback, victim)

  const without = new URL(callback)
  without.searchParams.delete('state')
  await refused('without state', without, attacker)
  const foreign = new URL(callback)
  foreign.searchParams.set('state', 'A'.repeat(43))
  await refused('with a foreign state', foreign, attacker)
  const twice = new URL(callback)
  twice.searchParams.append('state', 'A'.repeat(43))
  await refused('with two states', twice, attacker)
})

t.test("a login cookie cannot be made, changed or moved to another attempt's name", async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const first = idp.authorize(locationOf(await browser.fetch('/auth/login')))
  const second = idp.authorize(locationOf(await browser.fetch('/auth/login')))
  const [one, two] = browser.cookies.list(new URL(door.origin))
  if (one === undefined || two === undefined) throw new Error('two attempts leave two cookies')
  const headers = [
    `${one.name}=${two.value}`,
    `${one.name}=${one.value.slice(0, -4)}AAAA`,
    `${one.name}=x`,
    `${one.name}=${one.value}; ${one.name}=${one.value}`,
  ]
  for (const cookie of headers) {
    t.equal((await browser.fetch(first, { headers: { cookie } })).status, 400, cookie.slice(-30))
  }
  t.equal((await browser.fetch(second)).status, 303, 'the other attempt is as good as before')
})

t.test('a state is used once, also by who keeps the cookie', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const location = locationOf(await browser.fetch('/auth/login'))
  const cookie = browser.cookies.header(new URL(door.origin))
  t.equal((await browser.fetch(idp.authorize(location))).status, 303)
  const again = await fetch(idp.authorize(location), { headers: { cookie }, redirect: 'manual' })
  t.equal(again.status, 400)
  t.same(
    again.headers.getSetCookie().filter((line) => line.startsWith('__Host-gatehouse=')),
    [],
  )
  t.equal(idp.count(tokenCall), 1)
  const racing = locationOf(await browser.fetch('/auth/login'))
  const header = browser.cookies.header(new URL(door.origin))
  const callback = idp.authorize(racing)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(callback, { headers: { cookie: header }, redirect: 'manual' })),
  )
  t.equal(answers.filter(({ status }) => status === 303).length, 1, 'one of 20 at once')
  t.equal(answers.filter(({ status }) => status === 400).length, 19)
})

t.test('a state is too old after ten minutes', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const location = locationOf(await browser.fetch('/auth/login'))
  door.clock.advance(10 * 60_000)
  t.equal((await browser.fetch(idp.authorize(location))).status, 400)
  t.equal(idp.count(tokenCall), 0)
})

t.test('a failed sign-in leaves the session that there was, and shows people a page', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const denied = idp.authorize(locationOf(await browser.fetch('/auth/login?return_to=/orders')), {
    code: undefined,
    error: 'access_denied',
    error_description: '<b>words of another server</b>',
  })
  const response = await browser.fetch(denied, { headers: { accept: 'text/html,*/*' } })
  const html = await response.text()
  t.equal(response.status, 400)
  t.match(response.headers.get('content-type'), 'text/html')
  t.match(response.headers.get('content-security-policy'), "default-src 'none'; script-src 'self'")
  t.match(html, 'The sign-in was cancelled.')
  t.match(html, 'href="/auth/login?return_to=%2Forders"')
  t.notMatch(html, 'words of another server')
  t.equal((await browser.fetch('/auth/session')).status, 200, 'still signed in')
})
