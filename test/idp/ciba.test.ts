import t from 'tap'
import { jwtParts, startPlatform, type Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { accountPageOf } from './account-page.ts'
import { clientAssertionOf, keyedClient, withClientsConfig, type KeyedClient } from './keyed-client.ts'
import { startHttpsHost } from './https-host.ts'
import { newTokens, outcome, tokenRequest } from './native.ts'
import { withStore } from './registered.ts'

const grantType = 'urn:openid:params:grant-type:ciba'

class Teller {
  readonly #platform: Platform
  readonly #client: KeyedClient

  constructor(platform: Platform, client: KeyedClient) {
    this.#platform = platform
    this.#client = client
  }

  async ask(changes: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { issuer } = this.#platform.config
    return fetch(`${issuer}/oauth/backchannel`, {
      method: 'POST',
      body: new URLSearchParams({
        scope: 'openid orders:read',
        login_hint: 'alice',
        binding_message: 'Window 3, W4SC',
        ...changes,
        ...(await clientAssertionOf(this.#client, issuer)),
      }),
    })
  }

  async poll(authReqId: string): Promise<Response> {
    const { issuer } = this.#platform.config
    const proof = await clientAssertionOf(this.#client, issuer)
    return tokenRequest(issuer, { grant_type: grantType, auth_req_id: authReqId, ...proof })
  }

  async started(changes: Readonly<Record<string, string>> = {}): Promise<string> {
    return textField(await (await this.ask(changes)).json(), 'auth_req_id')
  }
}

t.test('client-initiated backchannel authentication', async (t) => {
  const grants = { grant_types: [grantType, 'refresh_token'], backchannel_token_delivery_mode: 'poll' }
  const client = await keyedClient('teller', { ...grants, client_name: 'Teller', redirect_uris: undefined })
  const other = await keyedClient('other-teller', { ...grants, redirect_uris: undefined })
  const web = await keyedClient('no-teller')
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: withClientsConfig([client, other, web], { ciba: { enabled: true, expiry: '2m' } }),
  })
  // What counts as a poll at the same time is a matter of seconds.
  platform.clock.hold()
  const { issuer } = platform.config
  const teller = new Teller(platform, client)

  await t.test('the metadata say so', async (t) => {
    t.match(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json(), {
      backchannel_authentication_endpoint: `${issuer}/oauth/backchannel`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
    })
  })

  await t.test('what is refused at once', async (t) => {
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{ login_hint: 'nobody' }, '400 unknown_user_id'],
      [{ login_hint: '' }, '400 invalid_request'],
      [{ id_token_hint: 'x.y.z' }, '400 invalid_request'],
      [{ login_hint: '', id_token_hint: 'x.y.z' }, '400 invalid_request'],
      [{ login_hint: '', login_hint_token: 'token' }, '400 invalid_request'],
      [{ binding_message: '<b>pay</b>' }, '400 invalid_binding_message'],
      [{ binding_message: 'a'.repeat(65) }, '400 invalid_binding_message'],
      [{ user_code: '1234' }, '400 invalid_user_code'],
      [{ scope: 'orders:read' }, '400 invalid_request'],
      [{ scope: 'openid users:read' }, '400 invalid_scope'],
      [{ requested_expiry: '-1' }, '400 invalid_request'],
    ]
    for (const [changes, expected] of cases) {
      t.equal(await outcome(await teller.ask(changes)), expected, JSON.stringify(changes))
    }
    t.equal(
      await outcome(await new Teller(platform, web).ask()),
      '400 unauthorized_client',
      'without the grant',
    )
    const { idToken } = await newTokens(platform)
    const foreign = await teller.ask({ login_hint: '', id_token_hint: idToken })
    t.equal(await outcome(foreign), '400 invalid_request', "another client's ID token")
  })

  await t.test('alice sees it, allows it, and the client gets tokens once', async (t) => {
    const answer: unknown = await (await teller.ask({ requested_expiry: '60' })).json()
    t.match(answer, { expires_in: 60, interval: 5 })
    const id = textField(answer, 'auth_req_id')
    t.equal(await outcome(await teller.poll(id)), '400 authorization_pending')
    t.equal(await outcome(await teller.poll(id)), '400 slow_down')
    t.equal(await outcome(await new Teller(platform, other).poll(id)), '400 invalid_grant', "another's")

    const { person, page } = await accountPageOf(platform, 'alice')
    t.match(page.html, /Teller/)
    t.match(page.html, /Window 3, W4SC/)
    t.notMatch(page.html, id, 'the id is not on the page')
    const bob = await accountPageOf(platform, 'bob')
    t.notMatch(bob.page.html, /Teller/, 'it is for her alone')
    const done = await person.follow(await person.submit(page, 'Allow'))
    t.match(done.html, /The application can go on/)
    t.equal((await person.submit(page, 'Allow')).status, 400, 'twice')

    platform.clock.advance(20_000)
    const tokens: unknown = await (await teller.poll(id)).json()
    const claims = jwtParts(textField(tokens, 'access_token')).payload
    t.match(claims, { sub: 'acc-alice', scope: 'orders:read', acr: 'aal1', client_id: client.id })
    t.type(claims['auth_time'], 'number')
    t.notOk('sid' in claims, 'of no session')
    const hint = await teller.ask({ login_hint: '', id_token_hint: textField(tokens, 'id_token') })
    t.equal(hint.status, 200, 'an ID token of its own is a hint')
    const refreshed = async (token: string): Promise<Response> =>
      tokenRequest(issuer, {
        grant_type: 'refresh_token',
        refresh_token: token,
        ...(await clientAssertionOf(client, issuer)),
      })
    t.equal(await outcome(await teller.poll(id)), '400 invalid_grant', 'once')
    const first = await refreshed(textField(tokens, 'refresh_token'))
    t.equal(first.status, 200, 'a poll at the same time ends nothing')
    platform.clock.advance(20_000)
    t.equal(await outcome(await teller.poll(id)), '400 invalid_grant', 'not later either')
    const successor = textField(await first.json(), 'refresh_token')
    t.equal((await refreshed(successor)).status, 400, 'used twice: its tokens are gone')
  })

  await t.test('carol does not allow it', async (t) => {
    const id = await teller.started({ login_hint: 'carol' })
    const { person, page } = await accountPageOf(platform, 'carol')
    t.match((await person.follow(await person.submit(page, 'Do not allow'))).html, /was told/)
    const refusal = await teller.poll(id)
    t.equal(refusal.status, 400)
    t.same(await refusal.json(), {
      error: 'access_denied',
      error_description: 'the end-user did not allow it',
    })
  })

  await t.test('too long ago, and too late', async (t) => {
    const { person } = await accountPageOf(platform, 'bob')
    const strict = await teller.started({ login_hint: 'bob', max_age: '10' })
    platform.clock.advance(30_000)
    const page = await person.open(`${issuer}/account`)
    t.match((await person.submit(page, 'Allow')).html, /signed in more recently/)
    t.equal(await outcome(await teller.poll(strict)), '400 authorization_pending')
    platform.clock.advance(121_000)
    t.notMatch((await person.open(`${issuer}/account`)).html, /Applications that ask you now/)
    t.equal((await person.submit(page, 'Allow')).status, 400)
    t.equal(await outcome(await teller.poll(strict)), '400 expired_token')
  })

  await t.test('nobody is asked a sixth time at once, and every step is in the audit log', async (t) => {
    const outcomes: string[] = []
    for (let i = 0; i < 6; i += 1) outcomes.push(await outcome(await teller.ask({ login_hint: 'admin' })))
    t.same(outcomes, ['200', '200', '200', '200', '200', '403 access_denied'])
    await withStore(platform, async ({ db }) => {
      const rows = await db.selectFrom('audit').select('action').where('action', 'like', 'ciba.%').execute()
      t.same([...new Set(rows.map(({ action }) => action))].toSorted(), [
        'ciba.approved',
        'ciba.refused',
        'ciba.requested',
      ])
    })
  })
})

t.test('a client that knows people by other names means them by these, too', async (t) => {
  let keys = ''
  const host = await startHttpsHost(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(keys)
  })
  const client = await keyedClient('discreet-teller', {
    grant_types: [grantType],
    backchannel_token_delivery_mode: 'poll',
    redirect_uris: undefined,
    subject_type: 'pairwise',
    jwks_uri: `${host.origin}/keys.json`,
  })
  const { jwks, ...entry } = client.entry
  keys = String(jwks)
  const config = withClientsConfig([{ entry }], { ciba: { enabled: true }, fetch: host.fetch })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const teller = new Teller(platform, client)
  const id = await teller.started()
  const { person, page } = await accountPageOf(platform, 'alice')
  await person.follow(await person.submit(page, 'Allow'))
  const idToken = textField(await (await teller.poll(id)).json(), 'id_token')
  t.match(jwtParts(idToken).payload['sub'], /^pw_/)
  const hinted = await teller.ask({ login_hint: '', id_token_hint: idToken, binding_message: 'Once more' })
  t.equal(await outcome(hinted), '200')
  t.match((await person.open(`${platform.config.issuer}/account`)).html, /Once more/)
})

t.test('off: no endpoint, no metadata, no form', async (t) => {
  const { config } = await startPlatform({ only: ['idp'], t })
  const metadata = await (await fetch(`${config.issuer}/.well-known/openid-configuration`)).text()
  t.notMatch(metadata, /backchannel_authentication|ciba/)
  for (const path of ['/oauth/backchannel', '/account/requests'])
    t.equal((await fetch(config.issuer + path, { method: 'POST' })).status, 404, path)
})
