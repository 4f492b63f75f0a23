import t from 'tap'
import { Browser, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'

t.test('the page is whole without a script, signed out and signed in', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const out = await browser.fetch('/')
  t.equal(out.status, 200)
  t.match(await out.text(), '<a class="button" href="/auth/login?return_to=/">Sign in</a>')
  idp.state.idClaims = { name: '<img src=x onerror=alert(1)>' }
  await signIn(browser, idp)
  const html = await (await browser.fetch('/')).text()
  t.match(html, 'action="/auth/logout"')
  t.match(html, 'customer')
  t.match(html, 'Hello, &lt;img src=x')
  t.notMatch(html, /<img|refresh-/)
  t.notMatch(html, looksLikeAToken)
})

t.test('pages run and embed only what is ours, are framed by nobody and kept by no cache', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  const { headers } = await browser.fetch('/')
  t.equal(
    headers.get('content-security-policy'),
    `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; ` +
      `form-action 'self' ${idp.issuer}; frame-ancestors 'none'; base-uri 'none'`,
  )
  t.match(Object.fromEntries(headers), {
    'cache-control': 'no-store',
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  })
  await signIn(browser, idp)
  const html = await (await browser.fetch('/')).text()
  t.notMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i, 'nothing inline')
})

t.test('a cookie that opens nothing shows the signed-out page', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const cookies = ['A'.repeat(43), 'x', `${'A'.repeat(43)}; __Host-gatehouse=${'B'.repeat(43)}`]
  for (const value of cookies) {
    const response = await fetch(`${door.origin}/`, { headers: { cookie: `__Host-gatehouse=${value}` } })
    t.equal(response.status, 200)
    t.match(await response.text(), 'Sign in</a>')
  }
})

t.test('assets are sent once', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const types = { 'app.js': 'text/javascript', 'app.css': 'text/css', 'icon.svg': 'image/svg+xml' }
  for (const [name, type] of Object.entries(types)) {
    const first = await fetch(`${door.origin}/assets/${name}`)
    t.ok(first.headers.get('content-type')?.startsWith(type), name)
    const etag = first.headers.get('etag') ?? ''
    const again = await fetch(`${door.origin}/assets/${name}`, { headers: { 'if-none-match': etag } })
    t.equal(again.status, 304)
    t.equal(await again.text(), '')
  }
  t.equal((await fetch(`${door.origin}/assets/..%2findex.ts`)).status, 404)
})
