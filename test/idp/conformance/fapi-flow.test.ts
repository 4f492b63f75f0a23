import * as oidc from 'openid-client'
import t from 'tap'
import { startPlatform } from '../../harness/index.ts'
import { keyedClient, withClientsConfig } from '../keyed-client.ts'
import { authorize } from '../native.ts'
import { locationOf, Person } from '../person.ts'

/** The OAuth error with which something was refused. */
async function refusalOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return 'none'
  } catch (error) {
    return error instanceof oidc.ResponseBodyError ? error.error : String(error)
  }
}

/** Named after modules of the FAPI 2.0 plans: what a whole flow shows. */
t.test('FAPI 2.0 with a certified client', async (t) => {
  const [client, other] = [
    await keyedClient('bank', { profile: 'fapi2', redirect_uris: ['https://bank.example/cb'] }),
    await keyedClient('other-bank', { profile: 'fapi2', redirect_uris: ['https://bank.example/cb'] }),
  ]
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client, other]) })
  const discover = (of: typeof client) =>
    oidc.discovery(
      new URL(platform.config.issuer),
      of.id,
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt({ key: of.privateKey, kid: `${of.id}-1` }),
      { execute: [oidc.allowInsecureRequests] },
    )
  const configuration = await discover(client)
  const key = await oidc.randomDPoPKeyPair('ES256')
  const DPoP = oidc.getDPoPHandle(configuration, key)
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const asked = {
    redirect_uri: 'https://bank.example/cb',
    scope: 'orders:read openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  }
  const begin = async (more: Readonly<Record<string, string>> = {}, options = {}) =>
    authorize(
      platform,
      await oidc.buildAuthorizationUrlWithPAR(configuration, { ...asked, ...more }, options),
    )
  const redeem = (callback: URL, options: object, by = configuration, checks: object = {}) =>
    oidc.authorizationCodeGrant(
      by,
      callback,
      { pkceCodeVerifier, expectedState: oidc.skipStateCheck, ...checks },
      undefined,
      options,
    )

  await t.test('with and without state and nonce, long ones, scopes in any order', async (t) => {
    const long = 'n'.repeat(384)
    for (const more of [{}, { state: long, nonce: long }, { nonce: 'n'.repeat(64) }]) {
      const { callback } = await begin(more)
      t.equal(callback.searchParams.get('state'), 'state' in more ? long : null)
      const checks = 'nonce' in more ? { expectedNonce: more.nonce } : {}
      const tokens = await redeem(callback, { DPoP }, configuration, checks)
      t.equal(tokens.token_type, 'dpop')
      const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '', {}, { DPoP })
      t.equal(refreshed.token_type, 'dpop')
    }
  })
  await t.test('no token without a key of its own', async (t) => {
    t.equal(await refusalOf(redeem((await begin()).callback, {})), 'invalid_grant')
  })
  await t.test('a code is for its client, and for the key that was pushed with it', async (t) => {
    const foreign = await discover(other)
    const proof = oidc.getDPoPHandle(foreign, key)
    t.equal(await refusalOf(redeem((await begin()).callback, { DPoP: proof }, foreign)), 'invalid_grant')
    const bound = await begin({}, { DPoP })
    const wrong = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256'))
    t.equal(await refusalOf(redeem(bound.callback, { DPoP: wrong })), 'invalid_grant')
    t.equal((await redeem((await begin({}, { DPoP })).callback, { DPoP })).token_type, 'dpop')
  })
  await t.test('a code that is too old', async (t) => {
    const { callback } = await begin()
    platform.clock.advance(80_000)
    t.equal(await refusalOf(redeem(callback, { DPoP })), 'invalid_grant')
  })
  await t.test('a person who does not want to', async (t) => {
    const person = new Person()
    const url = await oidc.buildAuthorizationUrlWithPAR(configuration, { ...asked, prompt: 'consent' })
    const login = await person.follow(await person.open(url))
    const consent = await person.signIn(login, 'bob', platform.credentials.password('bob'))
    const back = locationOf(await person.follow(await person.submit(consent, 'Do not allow')))
    t.equal(back.searchParams.get('error'), 'access_denied')
    t.equal(back.searchParams.get('iss'), platform.config.issuer)
  })
})
