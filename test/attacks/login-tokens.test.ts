import t from 'tap'
import { Browser, codeOf, signIn, startDoor } from '../sessions/fake/door.ts'
import { FakeIdp } from '../sessions/fake/idp.ts'

const past = Math.floor(Date.now() / 1000) - 3600

const idTokens = {
  'another nonce': { nonce: 'n'.repeat(43) },
  'no nonce': { nonce: undefined },
  'another audience': { aud: 'demo-native' },
  'another issuer': { iss: 'https://evil.example' },
  expired: { exp: past },
  'another person than the access token': { sub: 'acc-bob' },
}

const accessTokens = {
  'another audience': { aud: 'urn:other' },
  'another client': { client_id: 'demo-native' },
  'another issuer': { iss: 'https://evil.example' },
  expired: { exp: past },
}

t.test('tokens that are not what they should be start no session', async (t) => {
  const idp = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const refused = async (name: string) => {
    const browser = new Browser(door.origin)
    const response = await signIn(browser, idp)
    t.equal(response.status, 400, name)
    t.equal(await codeOf(response), 'login_failed')
    t.equal(browser.session, undefined)
  }
  for (const [name, claims] of Object.entries(idTokens)) {
    idp.state.idClaims = claims
    await refused(`ID token: ${name}`)
  }
  idp.state.idClaims = {}
  for (const [name, claims] of Object.entries(accessTokens)) {
    idp.state.accessClaims = claims
    await refused(`access token: ${name}`)
  }
  idp.state.accessClaims = {}
  t.equal((await signIn(new Browser(door.origin), idp)).status, 303, 'and good ones do')
})

t.test('an ID token under a key that is not the issuer’s', async (t) => {
  const idp = await FakeIdp.start(t)
  const other = await FakeIdp.start(t)
  const door = await startDoor(t, { issuer: idp.issuer })
  const signAsItself = idp.sign.bind(idp)
  idp.sign = (typ, claims) => (typ === 'JWT' ? other.sign(typ, claims) : signAsItself(typ, claims))
  const browser = new Browser(door.origin)
  t.equal((await signIn(browser, idp)).status, 400)
  t.equal(browser.session, undefined)
})
