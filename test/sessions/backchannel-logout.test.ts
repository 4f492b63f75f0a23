import { randomUUID } from 'node:crypto'
import t from 'tap'
import { Browser, type Door, jsonAt, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'
import { LosingStore } from './fake/losing-store.ts'

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }

function claims(idp: FakeIdp, change: Record<string, unknown> = {}): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000)
  const jti = randomUUID()
  return { iss: idp.issuer, aud: 'gateway', iat, exp: iat + 120, jti, events, sid: 'sid-1', ...change }
}

function tell(door: Door, logoutToken: string): Promise<Response> {
  return fetch(`${door.origin}/auth/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: logoutToken }),
  })
}

t.test('a login that ended at the identity server has ended here', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const one = new Browser(door.origin)
  const other = new Browser(door.origin)
  await signIn(one, idp)
  idp.state.sid = 'sid-2'
  await signIn(other, idp)
  t.equal((await one.fetch('/api/echo')).status, 200)
  const response = await tell(door, await idp.sign('logout+jwt', claims(idp)))
  t.equal(response.status, 200)
  t.equal(response.headers.get('cache-control'), 'no-store')
  t.equal((await one.fetch('/api/echo')).status, 401, 'at once, whatever was in memory')
  t.equal((await other.fetch('/api/echo')).status, 200, 'another login of the same person goes on')

  const all = await tell(
    door,
    await idp.sign('logout+jwt', claims(idp, { sid: undefined, sub: 'acc-alice' })),
  )
  t.equal(all.status, 200)
  t.equal((await other.fetch('/api/echo')).status, 401, 'by account')
  door.clock.advance(1000)
  idp.state.sid = 'sid-3'
  await signIn(one, idp)
  t.equal((await one.fetch('/api/echo')).status, 200, 'who signs in afterwards is signed in')
})

t.test('a login that ended is over, even while its sessions cannot be deleted', async (t) => {
  const idp = await FakeIdp.start(t)
  const losing = new LosingStore(({ kind }) => kind === 'DeleteQueryNode')
  const door = await startDoor(t, { issuer: idp.issuer, wrapStore: losing.wrap })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  t.equal((await browser.fetch('/api/echo')).status, 200)
  losing.isLost = true
  t.equal((await tell(door, await idp.sign('logout+jwt', claims(idp)))).status, 503)
  t.not((await browser.fetch('/api/echo')).status, 200)
  losing.isLost = false
  t.equal((await browser.fetch('/api/echo')).status, 401, 'nor when the store is back')
})

t.test(
  'what is not a logout token for us (OpenID Connect Back-Channel Logout 1.0, section 2.6)',
  async (t) => {
    const idp = await FakeIdp.start(t)
    const other = await FakeIdp.start(t)
    const door = await startDoor(t, { issuer: idp.issuer })
    const browser = new Browser(door.origin)
    await signIn(browser, idp)
    const now = Math.floor(Date.now() / 1000)
    const wrong: Record<string, Record<string, unknown>> = {
      'with a nonce': { nonce: 'n' },
      'without events': { events: undefined },
      'with another event': { events: { 'urn:other': {} } },
      'with events as a list': { events: Object.keys(events) },
      'without sid and sub': { sid: undefined },
      'without jti': { jti: undefined },
      'without iat': { iat: undefined },
      'of an hour ago': { iat: now - 3600, exp: now + 60 },
      'of tomorrow': { iat: now + 86_400, exp: now + 90_000 },
      expired: { exp: now - 60 },
      'without an end': { exp: undefined },
      'of another issuer': { iss: 'https://evil.example' },
      'for another client': { aud: 'demo-native' },
    }
    const refused = async (name: string, token: string) => {
      const response = await tell(door, token)
      t.equal(response.status, 400, name)
      t.equal(await jsonAt(response, 'error'), 'invalid_request')
    }
    for (const [name, change] of Object.entries(wrong)) {
      await refused(name, await idp.sign('logout+jwt', claims(idp, change)))
    }
    await refused('an ID token', await idp.sign('JWT', claims(idp)))
    await refused('an access token', await idp.sign('at+jwt', claims(idp)))
    await refused('under a foreign key', await other.sign('logout+jwt', claims(idp)))
    await refused('nonsense', 'a.b.c')
    const empty = await fetch(`${door.origin}/auth/backchannel-logout`, { method: 'POST' })
    t.equal(empty.status, 400)
    t.equal((await browser.fetch('/api/echo')).status, 200, 'nobody was signed out')
  },
)

t.test('a logout token is used once', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const token = await idp.sign('logout+jwt', claims(idp))
  const answers = await Promise.all(Array.from({ length: 10 }, () => tell(door, token)))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status }) => status === 400).length, 9)
})
