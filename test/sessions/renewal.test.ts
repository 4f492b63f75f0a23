import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { Browser, codeOf, jsonAt, type Door, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

const refreshes = '/token refresh_token'
const access = 300_000

async function signedIn(
  t: Parameters<typeof startDoor>[0],
): Promise<{ idp: FakeIdp; door: Door; browser: Browser }> {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  return { idp, door, browser }
}

t.test('20 requests at once with an expired token make one refresh', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  idp.state.delayMs = 100
  door.clock.advance(access + 1000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.fetch('/api/echo')))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(idp.count(refreshes), 1)
  const jtis = await Promise.all(answers.map((answer) => jsonAt(answer, 'claims', 'jti')))
  t.equal(new Set(jtis).size, 1, 'all of them with the new token')
})

t.test('two gateways that want it at once make one refresh', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  const second = await startDoor(t, { issuer: idp.issuer, beside: door })
  idp.state.delayMs = 200
  door.clock.advance(access + 1000)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => browser.fetch(`${at % 2 === 0 ? door.url : second.url}/api/echo`)),
  )
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(idp.count(refreshes), 1)
})

t.test('ahead of time, nobody waits for it', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  await browser.fetch('/api/echo')
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  idp.state.held = promise
  door.clock.advance(access - 30_000)
  const before = await jsonAt(await browser.fetch('/api/echo'), 'claims', 'jti')
  t.type(before, 'string', 'answered with the token that is still good')
  t.ok(await eventually(() => idp.count(refreshes) === 1), 'while the next is asked for')
  answer()
  t.ok(
    await eventually(async () => {
      return (await jsonAt(await browser.fetch('/api/echo'), 'claims', 'jti')) !== before
    }),
  )
  t.equal(idp.count(refreshes), 1)
})

t.test('a refused renewal ends the session, once and for all', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  idp.state.refuseRefresh = true
  door.clock.advance(access + 1000)
  const answers = await Promise.all(Array.from({ length: 5 }, () => browser.fetch('/api/echo')))
  t.same(new Set(answers.map(({ status }) => status)), new Set([401]))
  t.equal(await codeOf(answers[0] ?? new Response('{}')), 'no_session')
  t.equal(idp.count(refreshes), 1)
  idp.state.refuseRefresh = false
  t.equal((await browser.fetch('/auth/session')).status, 401, 'it is gone')
  t.equal(door.reached.count, 0)
})

t.test('a renewal that is refused ahead of time ends what is open on the session', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  idp.state.refuseRefresh = true
  door.clock.advance(access - 30_000)
  t.equal((await browser.fetch('/api/echo')).status, 200, 'the token is still good')
  t.ok(await eventually(() => idp.count(refreshes) === 1))
  t.ok(await eventually(() => door.ended.length === 1), 'without waiting for the next request')
})

t.test('a token for somebody else is no renewal', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  idp.state.accessClaims = { sub: 'acc-bob' }
  idp.state.idClaims = { sub: 'acc-alice' }
  door.clock.advance(access + 1000)
  t.equal((await browser.fetch('/api/echo')).status, 401)
})

t.test('an identity server that is away ends nothing', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  idp.state.down = true
  door.clock.advance(access - 30_000)
  t.equal((await browser.fetch('/api/echo')).status, 200, 'while the token is good, nobody notices')
  door.clock.advance(31_000)
  const away = await browser.fetch('/api/echo')
  t.equal(away.status, 503)
  t.equal(await codeOf(away), 'upstream_unavailable')
  t.match(away.headers.get('retry-after'), /^\d+$/)
  t.same(away.headers.getSetCookie(), [], 'the cookie stays')
  const tried = idp.count(refreshes)
  await Promise.all(Array.from({ length: 20 }, () => browser.fetch('/api/echo')))
  t.equal(idp.count(refreshes), tried, 'it is left alone for a while')
  idp.state.down = false
  door.clock.advance(2100)
  t.equal((await browser.fetch('/api/echo')).status, 200)
})

t.test('signed out while a renewal was under way: the new token is given back', async (t) => {
  const { idp, door, browser } = await signedIn(t)
  await browser.fetch('/api/echo')
  idp.state.delayMs = 300
  door.clock.advance(access - 30_000)
  await browser.fetch('/api/echo')
  const asked = await eventually(() => idp.count(refreshes) === 1)
  t.ok(asked, 'the renewal is under way')
  const cookie = { cookie: `__Host-gatehouse=${browser.session}` }
  t.equal((await browser.fetch('/auth/logout', { method: 'POST', headers: { 'x-csrf': '1' } })).status, 200)
  t.ok(await eventually(() => idp.revoked.includes(idp.refreshToken)))
  t.equal((await browser.fetch('/api/echo', { headers: cookie })).status, 401)
})

t.test('keys that were turned faster than anybody fetches them end no session', async (t) => {
  const idp = await FakeIdp.start(t)
  idp.state.accessTokenSeconds = 20
  idp.state.repeats = true
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  t.equal((await browser.fetch('/api/echo')).status, 200)
  // Within every pause between two fetches of keys.
  door.clock.advance(21_000)
  idp.turnKeys('k2')
  t.equal((await browser.fetch('/api/echo')).status, 200)
  t.ok(idp.count(refreshes) <= 2, 'an answer that is asked for again is no other')
  t.same(door.ended, [])
})
