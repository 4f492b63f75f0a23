import t from 'tap'
import { Browser, signIn, startDoor } from './fake/door.ts'
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
