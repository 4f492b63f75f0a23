import * as oidc from 'openid-client'
import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { keyedClient, requestObject, withClientsConfig } from './keyed-client.ts'
import { authorize, outcome } from './native.ts'
import { Person } from './person.ts'

/** The OAuth error that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    return error instanceof oidc.ResponseBodyError ? error.error : String(error)
  }
}

t.test('signed requests and signed responses (JAR, PAR, JARM)', async (t) => {
  const client = await keyedClient('signer', { require_signed_request_object: true })
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client]) })
  const { issuer } = platform.config
  const configuration = await oidc.discovery(
    new URL(issuer),
    client.id,
    { id_token_signed_response_alg: 'ES256', authorization_signed_response_alg: 'ES256' },
    oidc.PrivateKeyJwt({ key: client.privateKey, kid: 'signer-1' }),
    { execute: [oidc.allowInsecureRequests, oidc.useJwtResponseMode] },
  )
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const parameters = {
    redirect_uri: 'https://signer.example/cb',
    scope: 'openid profile',
    response_type: 'code',
    response_mode: 'jwt',
    state: 'st-signed',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  }

  await t.test('pushed', async (t) => {
    const request = await requestObject(client, issuer, parameters)
    const url = await oidc.buildAuthorizationUrlWithPAR(configuration, { request })
    const { callback } = await authorize(platform, url)
    t.ok(callback.searchParams.has('response'), 'JARM')
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
      pkceCodeVerifier,
      expectedState: 'st-signed',
    })
    t.equal(tokens.claims()?.sub, 'acc-alice')
  })

  await t.test('unsigned from a client that must sign, or by another key: refused', async (t) => {
    const unsigned = oidc.buildAuthorizationUrlWithPAR(configuration, parameters)
    t.equal(await refusal(unsigned), 'invalid_request')
    const request = await requestObject(await keyedClient('signer'), issuer, parameters)
    const foreign = oidc.buildAuthorizationUrlWithPAR(configuration, { request })
    t.equal(await refusal(foreign), 'invalid_request_object')
  })

  await t.test('by value in the URL: refused', async (t) => {
    const url = new URL('/oauth/authorize', issuer)
    url.searchParams.set('client_id', client.id)
    url.searchParams.set('request', await requestObject(client, issuer, parameters))
    const answer = await new Person().open(url)
    t.match(answer.html + (answer.headers.get('location') ?? ''), /request_not_supported|response=/)
    const response = new URL(answer.headers.get('location') ?? url).searchParams.get('response')
    if (response !== null) t.equal(jwtParts(response).payload['error'], 'request_not_supported')
  })
})

t.test('pairwise subjects', async (t) => {
  const clients = await Promise.all(
    ['one', 'two'].map((id) => keyedClient(id, { subject_type: 'pairwise', scope: 'openid' })),
  )
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig(clients) })
  const subjects: string[] = []
  for (const client of [...clients, ...clients]) {
    const configuration = await oidc.discovery(
      new URL(platform.config.issuer),
      client.id,
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt({ key: client.privateKey, kid: `${client.id}-1` }),
      { execute: [oidc.allowInsecureRequests] },
    )
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `https://${client.id}.example/cb`,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    const { callback } = await authorize(platform, url)
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, { pkceCodeVerifier })
    subjects.push(tokens.claims()?.sub ?? '')
  }
  t.match(subjects[0], /^pw_/)
  t.not(subjects[0], subjects[1], 'two sectors know a person by two names')
  t.same(subjects.slice(0, 2), subjects.slice(2), 'which stay')
})

t.test('a client that is held to FAPI 2.0', async (t) => {
  const client = await keyedClient('bank', { profile: 'fapi2' })
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client]) })
  const url = new URL('/oauth/authorize', platform.config.issuer)
  for (const [name, value] of Object.entries({
    client_id: 'bank',
    response_type: 'code',
    redirect_uri: 'https://bank.example/cb',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }))
    url.searchParams.set(name, value)
  const answer = await new Person().open(url)
  t.match(answer.headers.get('location') ?? answer.html, /invalid_request/, 'must push')
})

t.test('the secret goes where it is registered to go', async (t) => {
  const entry = {
    client_id: 'poster',
    client_secret: 'posted-secret-of-some-length-0123456789',
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials'],
    scope: 'orders:read',
  }
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([{ entry }]) })
  const { client_id, client_secret } = entry
  const ask = (body: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(new URL('/oauth/token', platform.config.issuer), {
      method: 'POST',
      headers,
      body: new URLSearchParams({ grant_type: 'client_credentials', ...body }),
    })
  const posted = await ask({ client_id, client_secret })
  t.equal(posted.status, 200)
  t.ok(textField(await posted.json(), 'access_token'))
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64')
  t.equal(await outcome(await ask({}, { authorization: `Basic ${basic}` })), '401 invalid_client')
})
