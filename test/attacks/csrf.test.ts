import t from 'tap'
import { Browser, codeOf, signIn, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'

const evil = 'https://evil.example'
const form = 'application/x-www-form-urlencoded'

t.test('CSRF: only our own origin changes anything', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const { origin } = door
  const refused: Record<string, Record<string, string>> = {
    'a form': { 'content-type': form, origin: evil, 'sec-fetch-site': 'cross-site' },
    'a form of an old browser': { 'content-type': form },
    'JSON as text/plain': { 'content-type': 'text/plain' },
    'JSON without the header': { 'content-type': 'application/json', origin },
    'the header with another value': { 'x-csrf': 'true', origin },
    'the header twice': { 'x-csrf': '1, 1', origin },
    'a foreign origin with the header': { 'x-csrf': '1', origin: evil },
    'an origin that begins like ours': { 'x-csrf': '1', origin: `${origin}.evil.example` },
    'origin null': { 'x-csrf': '1', origin: 'null' },
    'another port of this host': { 'x-csrf': '1', origin: idp.issuer },
    'cross-site with the header': { 'x-csrf': '1', 'sec-fetch-site': 'cross-site' },
    'a sibling site with the header': { 'x-csrf': '1', origin, 'sec-fetch-site': 'same-site' },
    'a navigation': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'content-type': form },
  }
  for (const [name, headers] of Object.entries(refused)) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await browser.fetch('/api/echo', { method, headers, body: 'a=b' })
      t.equal(response.status, 403, `${method}: ${name}`)
      t.equal(await codeOf(response), 'csrf_rejected')
    }
  }
  t.equal(door.reached.count, 0)
  for (const headers of [
    { 'x-csrf': '1' },
    { 'x-csrf': '1', origin },
    { 'x-csrf': '1', origin, 'sec-fetch-site': 'same-origin' },
    { 'x-csrf': '1', 'sec-fetch-site': 'none' },
  ]) {
    t.equal((await browser.fetch('/api/echo', { method: 'POST', headers })).status, 200)
  }
  t.equal(door.reached.count, 4)
})

t.test('reads by other sites are refused; a link from there is not', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const get = (headers: Record<string, string>) => browser.fetch('/api/echo', { headers })
  for (const mode of ['cors', 'no-cors', 'websocket']) {
    t.equal((await get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode })).status, 403, mode)
    t.equal((await get({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': mode })).status, 403, mode)
  }
  t.equal((await get({ origin: evil })).status, 403, 'an old browser')
  t.equal(door.reached.count, 0)
  const link = await get({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })
  t.equal(link.status, 200)
  t.equal(link.headers.get('access-control-allow-origin'), null)
})

t.test('nobody else signs a person out', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const { origin } = door
  const refused: Record<string, { headers?: Record<string, string>; body?: string }> = {
    'a foreign form': { headers: { origin: evil, 'content-type': form }, body: 'csrf=guess' },
    'a form without a token': { headers: { origin, 'content-type': form }, body: '' },
    'a form with a guess': { headers: { origin, 'content-type': form }, body: `csrf=${'A'.repeat(43)}` },
    'a form with two': { headers: { 'content-type': form }, body: 'csrf=a&csrf=b' },
    'text/plain': { headers: { 'content-type': 'text/plain' }, body: '{}' },
    'no body and no header': {},
    'a foreign script': { headers: { origin: evil, 'x-csrf': '1' } },
  }
  for (const [name, init] of Object.entries(refused)) {
    const response = await browser.fetch('/auth/logout', { method: 'POST', ...init })
    t.equal(response.status, 403, name)
    t.equal(await codeOf(response), 'csrf_rejected')
  }
  t.equal((await browser.fetch('/auth/logout')).status, 404, 'a link or an image')
  t.equal((await browser.fetch('/auth/session')).status, 200, 'still signed in')
  t.same(idp.revoked, [])
})

t.test('a sign-in is not begun by an image on another site', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', accept: 'image/*' }
  t.equal((await new Browser(door.origin).fetch('/auth/login', { headers })).status, 403)
  t.equal(idp.count('/par'), 0)
})
