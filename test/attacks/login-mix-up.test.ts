import t from 'tap'
import { Browser, codeOf, locationOf, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'

t.test('mix-up: a wrong or missing iss, and no token call (RFC 9207, RFC 9700 section 4.4)', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const wrong = [undefined, 'https://evil.example', `${idp.issuer}/`, idp.issuer.toUpperCase()]
  for (const iss of wrong) {
    const browser = new Browser(door.origin)
    const callback = idp.authorize(locationOf(await browser.fetch('/auth/login')), { iss })
    const response = await browser.fetch(callback)
    t.equal(response.status, 400, String(iss))
    t.equal(await codeOf(response), 'login_failed')
    t.equal(browser.session, undefined)
  }
  const browser = new Browser(door.origin)
  const twice = idp.authorize(locationOf(await browser.fetch('/auth/login')))
  twice.searchParams.append('iss', 'https://evil.example')
  t.equal((await browser.fetch(twice)).status, 400, 'two')
  t.equal(idp.count('/token authorization_code'), 0)
})

t.test('metadata that speaks for another issuer are not used', async (t) => {
  const idp = await FakeIdp.start(t)
  const { port } = new URL(idp.issuer)
  const door = await startDoor(t, { issuer: `http://127.0.0.1:${port}` })
  const response = await new Browser(door.origin).fetch('/auth/login')
  t.not(response.status, 303)
  t.equal(idp.count('/par'), 0)
})
