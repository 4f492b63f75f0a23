import { randomUUID } from 'node:crypto'
import t from 'tap'
import { Browser, type Door, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

const recheckMs = 5000

/** A logout token by account alone, as an IdP sends one to each gateway that is a client of its own. */
async function tell(idp: FakeIdp, door: Door, sub: string): Promise<number> {
  const iat = Math.floor(Date.now() / 1000)
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const claims = { iss: idp.issuer, aud: 'gateway', iat, exp: iat + 120, jti: randomUUID(), events, sub }
  const response = await fetch(`${door.url}/auth/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: await idp.sign('logout+jwt', claims) }),
  })
  return response.status
}

t.test(
  'two gateways that share their sessions: told at one, over at both, for one person only',
  async (t) => {
    const idp = await FakeIdp.start(t)
    const first = await startDoor(t, { issuer: idp.issuer })
    const second = await startDoor(t, { issuer: idp.issuer, beside: first })
    const signedIn = async (sub: string, sid: string) => {
      Object.assign(idp.state, { sub, sid })
      const browser = new Browser(first.origin)
      await signIn(browser, idp)
      return browser
    }
    const alices = [await signedIn('acc-alice', 'sid-1'), await signedIn('acc-alice', 'sid-2')]
    const bob = await signedIn('acc-bob', 'sid-3')
    const answers = async (browser: Browser) => {
      const cookie = `__Host-gatehouse=${browser.session ?? ''}`
      return Promise.all(
        [first, second].map(
          async ({ url }) => (await fetch(`${url}/api/echo`, { headers: { cookie } })).status,
        ),
      )
    }
    for (const one of [...alices, bob]) t.same(await answers(one), [200, 200], 'both hold it in memory')
    t.equal(await tell(idp, first, 'acc-alice'), 200)
    first.clock.advance(recheckMs)
    for (const one of alices) t.same(await answers(one), [401, 401])
    t.same(await answers(bob), [200, 200])
  },
)
