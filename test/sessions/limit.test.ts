import t from 'tap'
import { Browser, locationOf, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

t.test('an account has so many sessions; one more ends the oldest', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer, session: 'session: { perAccount: 2 }' })
  const status = async (browser: Browser) => (await browser.fetch('/auth/session')).status
  const browsers: Browser[] = []
  for (let n = 0; n < 4; n += 1) {
    const browser = new Browser(door.url)
    await signIn(browser, idp)
    browsers.push(browser)
    door.clock.advance(1000)
  }
  t.same(await Promise.all(browsers.map(status)), [401, 401, 200, 200])
  idp.state.sub = 'acc-bob'
  const bob = new Browser(door.url)
  await signIn(bob, idp)
  t.same(await Promise.all([...browsers, bob].map(status)), [401, 401, 200, 200, 200], 'of another account')
})

t.test('the newest is the one that began last, also where it is to end first', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, {
    issuer: idp.issuer,
    session: 'session: { perAccount: 2, absolute: 12h }',
  })
  const { config } = door.ctx
  const session = { ...config.gateway.session, absoluteMs: 3_600_000 }
  const shorter = { ...config, gateway: { ...config.gateway, session } }
  const other = await startDoor(t, {
    issuer: idp.issuer,
    beside: { ...door, ctx: { ...door.ctx, config: shorter } },
  })
  const signedInAt = async (at: typeof door) => {
    const browser = new Browser(at.origin)
    const answer = new URL(idp.authorize(locationOf(await browser.fetch('/auth/login'))))
    answer.port = new URL(at.url).port
    t.equal((await browser.fetch(answer)).status, 303)
    door.clock.advance(1000)
    const cookie = `__Host-gatehouse=${browser.session ?? ''}`
    return async () => (await fetch(`${at.url}/auth/session`, { headers: { cookie } })).status
  }
  const before = [await signedInAt(door), await signedInAt(door)]
  const after = await signedInAt(other)
  t.equal(await after(), 200, 'since the operator made sessions shorter')
  t.same(await Promise.all(before.map((ask) => ask())), [401, 200])
  door.clock.advance(-3_600_000)
  const last = await signedInAt(other)
  t.equal(await last(), 200, 'since the clock was set back')
})
