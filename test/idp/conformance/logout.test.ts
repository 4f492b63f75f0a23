import t from 'tap'
import { textField } from '../../harness/json.ts'
import { entryOf, RelyingParty, startCertified } from '../certification/relying-party.ts'
import { locationOf, Person } from '../person.ts'

const home = 'https://rp.example/out'

/** Named after modules of the RP-initiated logout plan. */
t.test('the logout plan', async (t) => {
  const platform = await startCertified(t, [entryOf('rp', { post_logout_redirect_uris: [home] })])
  const rp = new RelyingParty(platform, 'rp')
  const person = new Person()
  const signedIn = async (): Promise<string> => {
    const { code = '' } = await rp.respond({}, person)
    return textField(await rp.redeem(code), 'id_token')
  }
  const page = (params: Readonly<Record<string, string>>) =>
    person.open(`${rp.issuer}/oauth/logout?${new URLSearchParams(params).toString()}`)
  const leave = async (params: Readonly<Record<string, string>>): Promise<URL> =>
    locationOf(await person.submit(await page(params), 'Sign out'))

  await t.test('without state, without a place to go, without anything', async (t) => {
    const hint = await signedIn()
    t.equal((await leave({ id_token_hint: hint, post_logout_redirect_uri: home })).href, home)
    const success = `${rp.issuer}/oauth/logout/success`
    t.ok((await leave({ id_token_hint: await signedIn() })).href.startsWith(success))
    await signedIn()
    t.ok((await leave({ state: 'only' })).href.startsWith(success))
    await signedIn()
    t.ok((await leave({})).href.startsWith(success))
  })
  await t.test('a hint that is not ours, and a place that is not registered', async (t) => {
    const hint = await signedIn()
    const [head = '', body = '', signature = ''] = hint.split('.')
    const changed = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const [name, params] of Object.entries({
      modified: { id_token_hint: changed, post_logout_redirect_uri: home },
      'of nobody': { id_token_hint: 'not.a.token', post_logout_redirect_uri: home },
      'query added': { id_token_hint: hint, post_logout_redirect_uri: `${home}?foo=bar` },
    })) {
      const seen = await page(params)
      t.equal(seen.status, 400, name)
      t.notOk(seen.headers.has('location'), name)
    }
    t.equal((await page({ id_token_hint: hint })).status, 200, 'and nobody was signed out')
  })
})
