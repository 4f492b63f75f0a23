import t from 'tap'
import { Browser, locationOf, signIn, startDoor } from './fake/door.ts'
import { FakeIdp } from './fake/idp.ts'

t.test('a stronger sign-in', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.url)
  await signIn(browser, idp)
  const before = browser.session

  const asked =
    '/auth/login?return_to=%2Forders&acr_values=aal2+aal3&max_age=60&prompt=login&ui_locales=de+en'
  const started = await browser.fetch(asked)
  const pushed = idp.pushedBehind(locationOf(started))
  t.equal(pushed.get('acr_values'), 'aal2 aal3')
  t.equal(pushed.get('max_age'), '60')
  t.equal(pushed.get('prompt'), 'login')
  t.equal(pushed.get('ui_locales'), 'de en')
  t.equal(pushed.get('login_hint'), 'alice', 'the name need not be typed again')
  const now = Math.floor(door.clock.now() / 1000)
  idp.state.accessClaims = { acr: 'aal2', auth_time: now }
  idp.state.idClaims = { acr: 'aal2', auth_time: now }
  const back = await browser.fetch(idp.authorize(locationOf(started)))
  t.equal(locationOf(back), '/orders')
  t.not(browser.session, before, 'is a new session')
  const old = new Browser(door.url)
  old.cookies.set(new URL(door.url), '__Host-gatehouse', before ?? '')
  t.equal((await old.fetch('/auth/session')).status, 401, 'and the end of the old one')
})

t.test('what the IdP did not do is no sign-in', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const answer = async (query: string, claims: Record<string, unknown>) => {
    const browser = new Browser(door.url)
    const started = await browser.fetch(`/auth/login?${query}`)
    idp.state.accessClaims = claims
    idp.state.idClaims = claims
    const back = await browser.fetch(idp.authorize(locationOf(started)))
    return `${back.status} ${browser.session === undefined ? 'none' : 'session'}`
  }
  const now = Math.floor(door.clock.now() / 1000)
  t.equal(await answer('acr_values=aal2', { acr: 'aal1', auth_time: now }), '400 none')
  t.equal(await answer('acr_values=aal2', { auth_time: now }), '400 none')
  t.equal(await answer('max_age=60', { auth_time: now - 600 }), '400 none', 'too long ago')
  t.equal(await answer('max_age=60', { acr: 'aal1', auth_time: now - 30 }), '303 session')
})

t.test('only what OpenID Connect knows is passed on', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const browser = new Browser(door.url)
  for (const query of [
    'max_age=-1',
    'max_age=1e3',
    'prompt=maybe',
    'prompt=none+login',
    'acr_values=%22x%22',
    'ui_locales=%3Cb%3E',
  ]) {
    const refused = await browser.fetch(`/auth/login?${query}`)
    t.match([refused.status, await refused.json()], [400, problemAbout(query.replace(/=.*/, ''))], query)
  }
  const twice = await browser.fetch('/auth/login?prompt=login&prompt=none')
  t.match(await twice.json(), problemAbout('prompt'))
  const away = await browser.fetch('/auth/login?return_to=https://evil.test')
  t.match(await away.json(), problemAbout('return_to'))
  t.equal((await browser.fetch('/auth/login?max_age=5&max_age=6')).status, 400)
  const started = await browser.fetch(
    '/auth/login?scope=admin&client_id=other&redirect_uri=https://evil.test',
  )
  const pushed = idp.pushedBehind(locationOf(started))
  t.equal(pushed.get('client_id'), 'gateway')
  t.equal(pushed.get('redirect_uri'), `${door.origin}/auth/callback`)
  t.notMatch(pushed.get('scope') ?? '', /admin/)
})

/** As docs/errors.md has it. */
function problemAbout(parameter: string) {
  return { code: 'invalid_request', errors: [{ in: 'query', path: `/${parameter}`, message: String }] }
}
