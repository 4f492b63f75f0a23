import t from 'tap'
import { Browser, codeOf, jsonAt, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

const minute = 60_000

async function signedIn(t: Parameters<typeof startDoor>[0], session: string) {
  const idp = await FakeIdp.start(t)
  idp.state.accessTokenSeconds = 86_400
  const door = await startDoor(t, { issuer: idp.issuer, session })
  const browser = new Browser(door.origin)
  await signIn(browser, idp)
  return { idp, door, browser }
}

t.test('unused for longer than the idle limit', async (t) => {
  const { door, browser } = await signedIn(t, 'session: { idle: 10m, absolute: 8h }')
  for (let step = 0; step < 5; step += 1) {
    door.clock.advance(9 * minute)
    t.equal((await browser.fetch('/api/echo')).status, 200, 'each use counts anew')
  }
  const idle = await jsonAt(await browser.fetch('/auth/session'), 'idle_expires_at')
  t.ok(Math.abs(Date.parse(String(idle)) - door.clock.now() - 10 * minute) < 5000)
  door.clock.advance(10 * minute)
  const over = await browser.fetch('/api/echo')
  t.equal(over.status, 401)
  t.equal(await codeOf(over), 'no_session')
  door.clock.advance(-10 * minute)
  t.equal((await browser.fetch('/api/echo')).status, 401, 'it does not come back')
})

t.test('uses that are held in memory only count as well', async (t) => {
  const { door, browser } = await signedIn(t, 'session: { idle: 10m, absolute: 8h }')
  await browser.fetch('/api/echo')
  door.clock.advance(4000)
  await browser.fetch('/api/echo')
  door.clock.advance(10 * minute - 1000)
  t.equal((await browser.fetch('/api/echo')).status, 200)
})

t.test('used all the time, it ends all the same', async (t) => {
  const { door, browser } = await signedIn(t, 'session: { idle: 10m, absolute: 1h }')
  for (let step = 0; step < 11; step += 1) {
    door.clock.advance(5 * minute)
    t.equal((await browser.fetch('/api/echo')).status, 200)
  }
  door.clock.advance(5 * minute)
  t.equal((await browser.fetch('/api/echo')).status, 401)
})

t.test('a session that ended at another gateway ends here within seconds', async (t) => {
  const { idp, door, browser } = await signedIn(t, 'session: { idle: 10m, absolute: 1h }')
  const second = await startDoor(t, { issuer: idp.issuer, beside: door })
  const cookie = { cookie: `__Host-gatehouse=${browser.session}` }
  t.equal((await browser.fetch(`${second.url}/api/echo`)).status, 200)
  await browser.fetch('/auth/logout', { method: 'POST', headers: { 'x-csrf': '1' } })
  t.equal((await browser.fetch('/api/echo', { headers: cookie })).status, 401, 'here at once')
  door.clock.advance(5000)
  t.equal((await browser.fetch(`${second.url}/api/echo`, { headers: cookie })).status, 401)
})
