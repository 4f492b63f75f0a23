import t from 'tap'
import { Browser, codeOf, jsonAt, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

async function signedIn(t: Parameters<typeof startDoor>[0]) {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  return { idp, door, browser, cookie: { cookie: `__Host-gatehouse=${browser.session}` } }
}

const scripted = { method: 'POST', headers: { 'x-csrf': '1' } }

t.test('by script: ended here, revoked there, and told where to go on', async (t) => {
  const { idp, door, browser, cookie } = await signedIn(t)
  t.equal((await browser.fetch('/api/echo')).status, 200)
  const refreshToken = idp.refreshToken
  const response = await browser.fetch('/auth/logout', scripted)
  t.equal(response.status, 200)
  const url = new URL(String(await jsonAt(response, 'logout_url')))
  t.equal(url.origin + url.pathname, `${idp.issuer}/logout`)
  t.equal(url.searchParams.get('post_logout_redirect_uri'), `${door.origin}/`)
  t.equal(url.searchParams.get('client_id'), 'gateway')
  t.equal(browser.session, undefined, 'the cookie is cleared')
  t.same(idp.revoked, [refreshToken])
  t.equal((await browser.fetch('/api/echo', { headers: cookie })).status, 401, 'by who kept the cookie')
  t.equal((await browser.fetch('/auth/logout', scripted)).status, 401)
})

t.test('by form, without a script', async (t) => {
  const { idp, door, browser, cookie } = await signedIn(t)
  const html = await (await browser.fetch('/', { headers: { accept: 'text/html' } })).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  t.match(csrf, /^[\w-]{43}$/)
  const response = await browser.fetch('/auth/logout', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: door.origin,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
    },
    body: new URLSearchParams({ csrf }).toString(),
  })
  t.equal(response.status, 303)
  t.ok(response.headers.get('location')?.startsWith(`${idp.issuer}/logout?`))
  t.equal((await browser.fetch('/api/echo', { headers: cookie })).status, 401)
})

t.test('the identity server is away: signed out here all the same', async (t) => {
  const { idp, door, browser, cookie } = await signedIn(t)
  idp.state.down = true
  door.clock.advance(3_600_000)
  const response = await browser.fetch('/auth/logout', scripted)
  t.equal(response.status, 200, 'also with a token that would have to be renewed')
  t.equal((await browser.fetch('/api/echo', { headers: cookie })).status, 401)
  t.ok(door.logs.some((line) => line.includes('was not revoked')))
})

t.test('who signs out and in again at once is signed in', async (t) => {
  const { idp, browser } = await signedIn(t)
  await browser.fetch('/auth/logout', scripted)
  await signIn(browser, idp)
  t.equal(
    (await browser.fetch('/api/echo')).status,
    200,
    'the same login at the identity server, the same sid',
  )
})

t.test('a form of a page that is out of date', async (t) => {
  const { browser } = await signedIn(t)
  const response = await browser.fetch('/auth/logout', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'csrf=old',
  })
  t.equal(await codeOf(response), 'csrf_rejected')
})
