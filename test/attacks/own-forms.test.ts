import t from 'tap'
import { Browser, codeOf, signIn, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'
import { looksLikeAToken } from '../harness/looks-like-a-token.ts'

const form = 'application/x-www-form-urlencoded'
const paths = ['/auth/sessions/end', '/auth/shop/orders', '/auth/shop/orders/cancel']

t.test('no other site sends the forms of our page', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  const { origin } = door
  const evil = 'https://evil.example'
  const refused: Record<string, { headers?: Record<string, string>; body?: string }> = {
    'a foreign form': { headers: { origin: evil, 'content-type': form }, body: 'csrf=guess&id=x' },
    'a cross-site form': { headers: { 'sec-fetch-site': 'cross-site', 'content-type': form }, body: 'id=x' },
    'a form without a token': { headers: { origin, 'content-type': form }, body: 'id=x' },
    'a form with a guess': { headers: { origin, 'content-type': form }, body: `csrf=${'A'.repeat(43)}` },
    'text/plain': { headers: { 'content-type': 'text/plain' }, body: '{}' },
    'JSON without the header': { headers: { origin, 'content-type': 'application/json' }, body: '{}' },
    'no body and no header': {},
    'a foreign script': { headers: { origin: evil, 'x-csrf': '1' } },
  }
  for (const path of paths) {
    for (const [name, init] of Object.entries(refused)) {
      const response = await browser.fetch(path, { method: 'POST', ...init })
      t.equal(response.status, 403, `${path}: ${name}`)
    }
    t.equal((await browser.fetch(path)).status, 404, 'a link or an image')
  }
  t.equal((await browser.fetch('/auth/session')).status, 200)
})

t.test('nobody sees or ends the session of somebody else', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const alice = new Browser(door.origin)
  await signIn(alice, idp)
  const [, id = ''] = /"id":"([\w-]{43})"/.exec(await (await alice.fetch('/auth/sessions')).text()) ?? []
  t.ok(id)
  Object.assign(idp.state, { sub: 'acc-bob', sid: 'sid-bob' })
  const bob = new Browser(door.origin)
  await signIn(bob, idp)
  const list = await (await bob.fetch('/auth/sessions')).text()
  t.notMatch(list, id)
  t.notMatch(list, /refresh-/, 'no refresh token')
  t.notMatch(list, looksLikeAToken, 'and no signed one')
  const end = (who: Browser, wanted: unknown) =>
    who.fetch('/auth/sessions/end', {
      method: 'POST',
      headers: { 'x-csrf': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ id: wanted }),
    })
  for (const wanted of [id, alice.session, 'x', '', null, [id], { id }]) {
    const response = await end(bob, wanted)
    t.equal(
      `${response.status} ${String(await codeOf(response))}`,
      '404 not_found',
      'as if it were not there',
    )
  }
  t.equal((await alice.fetch('/api/echo')).status, 200)
  t.equal((await end(new Browser(door.origin), id)).status, 401, 'nor who has no session')
  t.equal((await new Browser(door.origin).fetch('/auth/sessions')).status, 401)
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
  t.equal((await alice.fetch('/auth/sessions', { headers: foreign })).status, 403)
})
