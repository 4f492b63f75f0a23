import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { accountPageOf } from './account-page.ts'
import { keyedClient, withClientsConfig, type KeyedClient } from './keyed-client.ts'
import { authorize } from './native.ts'
import { Person } from './person.ts'

/** The flows beside code and refresh, as libraries do them that know the standards and not us. */
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const cibaGrant = 'urn:openid:params:grant-type:ciba'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const insecure = { [oauth.allowInsecureRequests]: true }

const television = await keyedClient('television', { grant_types: [deviceGrant], redirect_uris: undefined })
const teller = await keyedClient('teller', {
  grant_types: [cibaGrant],
  backchannel_token_delivery_mode: 'poll',
  redirect_uris: undefined,
})
const rich = await keyedClient('rich', {
  grant_types: ['authorization_code', exchangeGrant],
  authorization_details_types: ['reservation'],
  exchange_audiences: ['urn:gatehouse:api'],
})
const fields = { sku: { type: 'text', words: 'Article', required: true } }
const platform = await startPlatform({
  only: ['idp'],
  t,
  config: withClientsConfig([television, teller, rich], {
    ciba: { enabled: true },
    authorizationDetails: { reservation: { words: 'Reserve stock for you', fields } },
  }),
})
const { issuer, resource } = platform.config

const configurationOf = (client: KeyedClient) =>
  oidc.discovery(
    new URL(issuer),
    client.id,
    { id_token_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key: client.privateKey, kid: `${client.id}-1` }),
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  )

t.test('openid-client: a device', async (t) => {
  const configuration = await configurationOf(television)
  const device = await oidc.initiateDeviceAuthorization(configuration, { scope: 'openid orders:read' })
  const person = new Person()
  const confirm = await person.submit(await person.open(device.verification_uri_complete ?? ''), 'Continue')
  const login = await person.follow(await person.submit(confirm, 'Yes, connect it'))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  await person.follow(await person.submit(consent, 'Allow'))
  // Somebody was there at once, so the first question need not wait the whole interval.
  const tokens = await oidc.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 1 })
  t.match(tokens.claims(), { sub: 'acc-alice', aud: television.id })
  t.match(jwtParts(tokens.access_token).payload, { scope: 'orders:read', aud: resource })
})

t.test('openid-client: asking over the back channel', async (t) => {
  const configuration = await configurationOf(teller)
  const asked = await oidc.initiateBackchannelAuthentication(configuration, {
    scope: 'openid orders:read',
    login_hint: 'bob',
    binding_message: 'Window 3',
  })
  const { person, page } = await accountPageOf(platform, 'bob')
  await person.follow(await person.submit(page, 'Allow'))
  const tokens = await oidc.pollBackchannelAuthenticationGrant(configuration, { ...asked, interval: 1 })
  t.match(tokens.claims(), { sub: 'acc-bob', aud: teller.id })
})

t.test('openid-client: rich requests, and a token that is exchanged for less', async (t) => {
  const configuration = await configurationOf(rich)
  const detail = { type: 'reservation', sku: 'tea-01' }
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const url = await oidc.buildAuthorizationUrlWithPAR(configuration, {
    redirect_uri: 'https://rich.example/cb',
    scope: 'openid orders:read',
    authorization_details: JSON.stringify([detail]),
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const { callback } = await authorize(platform, url)
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
    pkceCodeVerifier,
    expectedState: oidc.skipStateCheck,
  })
  t.same(tokens.authorization_details, [detail])
  const narrow = await oidc.genericGrantRequest(configuration, exchangeGrant, {
    subject_token: tokens.access_token,
    subject_token_type: accessTokenType,
    audience: resource,
    scope: 'orders:read',
  })
  t.match(jwtParts(narrow.access_token).payload, { sub: 'acc-alice', act: { sub: rich.id } })
})

t.test('oauth4webapi: introspection with a signed answer, and revocation', async (t) => {
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const token = await platform.token()
  const url = new URL(issuer)
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure))
  const client: oauth.Client = { client_id: 'demo-machine', introspection_signed_response_alg: 'ES256' }
  const authentication = oauth.ClientSecretBasic(secret)
  const look = async () => {
    const options = { ...insecure, requestJwtResponse: true }
    const response = await oauth.introspectionRequest(as, client, authentication, token, options)
    const answer = await oauth.processIntrospectionResponse(as, client, response)
    await oauth.validateApplicationLevelSignature(as, response, insecure)
    return answer
  }
  t.match(await look(), { active: true, client_id: 'demo-machine' })
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, authentication, token, insecure),
  )
  t.same((await look()).active, false)
})
