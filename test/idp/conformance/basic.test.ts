import t from 'tap'
import { textField } from '../../harness/json.ts'
import {
  entryOf,
  redirectUri,
  RelyingParty,
  responseOf,
  startCertified,
} from '../certification/relying-party.ts'
import { newPkce, outcome } from '../native.ts'
import { Person } from '../person.ts'

/** Named after modules of the basic certification plan; table-connect.ts says which. */
t.test('the basic plan', async (t) => {
  const platform = await startCertified(t, [
    entryOf('rp', { redirect_uris: [redirectUri, `${redirectUri}?here=1`] }),
    entryOf('post', { token_endpoint_auth_method: 'client_secret_post' }),
  ])
  // Who signed in must not have done so more than a second ago for max_age=1.
  platform.clock.hold()
  const rp = new RelyingParty(platform, 'rp')
  const person = new Person()
  const authTime = async (changes: Readonly<Record<string, string>>) => {
    const { code = '' } = await rp.respond(changes, person)
    return Number((await rp.verified(textField(await rp.redeem(code), 'id_token'), 'RS256'))['auth_time'])
  }
  const errorOf = async (changes: Readonly<Record<string, string | undefined>>) =>
    responseOf(await new Person().open(rp.url(changes)))['error']

  await t.test('response_type missing', async (t) => {
    t.equal(await errorOf({ response_type: undefined }), 'invalid_request')
  })
  await t.test('prompt=none, signed in or not', async (t) => {
    t.equal(await errorOf({ prompt: 'none' }), 'login_required')
    const first = await authTime({})
    t.equal(await authTime({ prompt: 'none' }), first)
  })
  await t.test('prompt=login and max_age ask again', async (t) => {
    const first = await authTime({ max_age: '10000' })
    platform.clock.advance(3_000)
    t.equal(await authTime({ max_age: '10000' }), first, 'soon enough')
    const asked = await person.follow(await person.open(rp.url({ prompt: 'login' })))
    t.match(asked.html, /type="password"/)
    const second = await authTime({ max_age: '1' })
    t.ok(second > first)
    platform.clock.advance(3_000)
    t.ok((await authTime({ prompt: 'login' })) > second)
  })
  await t.test('parameters that are hints, or that nobody knows, do no harm', async (t) => {
    for (const changes of [
      { display: 'page' },
      { display: 'popup' },
      { ui_locales: 'se' },
      { claims_locales: 'se' },
      { acr_values: '1 2' },
      { extra: 'foobar' },
    ]) {
      t.ok((await rp.respond(changes, person))['code'], JSON.stringify(changes))
    }
  })
  await t.test('login_hint fills the field', async (t) => {
    const page = await new Person().follow(await new Person().open(rp.url()))
    t.equal(page.status, 400, 'not in another browser')
    const other = new Person()
    const asked = await other.follow(await other.open(rp.url({ login_hint: 'bob' })))
    t.match(asked.html, /value="bob"/)
  })
  await t.test('id_token_hint', async (t) => {
    const { code = '' } = await rp.respond({}, person)
    const hint = textField(await rp.redeem(code), 'id_token')
    t.ok((await rp.respond({ prompt: 'none', id_token_hint: hint }, person))['code'])
    t.equal(await errorOf({ prompt: 'none', id_token_hint: hint }), 'login_required')
    t.equal(await errorOf({ id_token_hint: `${hint}x` }), 'invalid_request')
  })
  await t.test('a code counts once, and takes its tokens with it', async (t) => {
    const { code = '' } = await rp.respond({}, person)
    const token = textField(await rp.redeem(code), 'access_token')
    platform.clock.advance(30_000)
    t.match(await rp.redeem(code), { error: 'invalid_grant' })
    const answer = await fetch(`${rp.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${token}` },
    })
    t.equal(answer.status, 401)
  })
  await t.test('redirect URIs: as registered, query included', async (t) => {
    const fine = await rp.respond({ redirect_uri: `${redirectUri}?here=1` }, person)
    t.match(fine, { here: '1', state: 'st-1' })
    for (const uri of [
      `${redirectUri}/more`,
      `${redirectUri}?here=2`,
      `${redirectUri}?here=1&there=2`,
      undefined,
    ]) {
      const seen = await new Person().open(rp.url({ redirect_uri: uri }))
      t.equal(seen.status, 400, uri ?? 'none')
      t.notOk(seen.headers.has('location'))
    }
  })
  await t.test('PKCE of a client that brings it is checked', async (t) => {
    const pkce = newPkce()
    const asked = { code_challenge: pkce.challenge, code_challenge_method: 'S256' }
    const { code = '' } = await rp.respond(asked, person)
    t.type(textField(await rp.redeem(code, { code_verifier: pkce.verifier }), 'id_token'), 'string')
    const other = await rp.respond(asked, person)
    t.match(await rp.redeem(other['code'] ?? ''), { error: 'invalid_grant' })
  })
  await t.test('refresh tokens with offline_access, for their client only', async (t) => {
    const asked = { scope: 'openid offline_access', prompt: 'consent' }
    const { code = '' } = await rp.respond(asked, person)
    const refresh_token = textField(await rp.redeem(code), 'refresh_token')
    const params = { grant_type: 'refresh_token', refresh_token }
    t.equal(await outcome(await new RelyingParty(platform, 'post').token(params)), '401 invalid_client')
    t.equal(await outcome(await rp.token(params)), '200')
  })
})
