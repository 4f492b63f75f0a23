import { randomUUID } from 'node:crypto'
import { systemClock } from '@gatehouse/kit/clock'
import { KeyRing } from '@gatehouse/kit/keys/ring'
import { MasterKey } from '@gatehouse/kit/secrets'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { isRecord, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { assertionType, clientAssertion } from './assertion.ts'
import { keyedClient, requestObject, withClientsConfig } from './keyed-client.ts'
import { authorizeUrl, nativeClient, newCode, newPkce, newTokens, redirectUri } from './native.ts'
import { Person } from './person.ts'
import { withStore } from './registered.ts'

const client = await keyedClient('holder')
const idp = { registration: { who: 'anyone' } }
const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client], idp) })
const { issuer, resource } = platform.config
const { code, params } = await newCode(platform)
const { accessToken, idToken, refreshToken, person } = await newTokens(platform)
const proofKey = await generateKeyPair('ES256')

/** What the identity server's own key signs for other places. */
async function signed(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  const tokens: string[] = []
  await withStore(platform, async (store) => {
    const masterKey = MasterKey.fromFile(platform.paths.masterKey)
    const key = (await KeyRing.open({ store, ring: 'idp', masterKey, clock: systemClock })).signing()
    const token = new SignJWT({ sub: 'acc-alice', jti: randomUUID(), client_id: nativeClient, ...claims })
    const header = { alg: 'ES256', typ, kid: key.kid }
    const full = token.setProtectedHeader(header).setIssuer(issuer).setIssuedAt().setExpirationTime('5m')
    tokens.push(await full.sign(key.privateKey))
  })
  return tokens.join()
}

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(new URL(path, issuer), { method: 'POST', body: new URLSearchParams(form), headers })
}

const registered: unknown = await (
  await fetch(new URL('/oauth/register', issuer), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }),
  })
).json()
const holder = { id: 'gateway', keyFile: platform.paths.gatewayClientKey, issuer }
const request = {
  response_type: 'code',
  redirect_uri: 'https://holder.example/cb',
  scope: 'openid',
  code_challenge: newPkce().challenge,
  code_challenge_method: 'S256',
}

const kinds: Readonly<Record<string, string>> = {
  'access token': accessToken,
  'ID token': idToken,
  'refresh token': refreshToken,
  'authorization code': code,
  'client assertion': await clientAssertion(holder),
  'request object': await requestObject(client, issuer, request),
  'DPoP proof': await new SignJWT({ htm: 'POST', htu: `${issuer}/oauth/token`, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(proofKey.publicKey) })
    .setIssuedAt()
    .sign(proofKey.privateKey),
  'registration access token': textField(registered, 'registration_access_token'),
  'session cookie': person.jar.get('__Host-idp-session') ?? 'none',
  'logout token': await signed('logout+jwt', { aud: nativeClient, events: {}, sid: 's' }),
  'security event': await signed('secevent+jwt', { aud: 'gateway', events: {} }),
  'introspection answer': await signed('token-introspection+jwt', {
    aud: 'gateway',
    token_introspection: {},
  }),
  'JARM response': await signed('oauth-authz-resp+jwt', { aud: nativeClient, code: 'c' }),
  'internal token': await signed('internal+jwt', { aud: resource, scope: 'openid orders:read' }),
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const { client_id: _, ...codeForm } = params
const managed = textField(registered, 'registration_client_uri')

interface Place {
  readonly own: string
  readonly refused: RegExp
  send(token: string): Promise<Response>
}

/** Everything that takes a token, what it takes, and what all others get. */
const places: Readonly<Record<string, Place>> = {
  userinfo: {
    own: 'none: its tokens are for no other resource',
    refused: /^401 invalid_token$/,
    send: (token) => fetch(`${issuer}/oauth/userinfo`, bearer(token)),
  },
  'admin API': {
    own: 'none: its tokens are for the admin resource',
    refused: /^401 invalid_token$/,
    send: (token) => fetch(`${platform.url('idp', 'admin')}/admin/v1/clients`, bearer(token)),
  },
  'management of a client': {
    own: 'registration access token',
    refused: /^401 invalid_token$/,
    send: (token) => fetch(managed, bearer(token)),
  },
  'refresh token': {
    own: 'refresh token',
    refused: /^400 invalid_grant$/,
    send: (refresh_token) =>
      post('/oauth/token', { grant_type: 'refresh_token', client_id: nativeClient, refresh_token }),
  },
  code: {
    own: 'authorization code',
    refused: /^400 invalid_grant$/,
    send: (token) => post('/oauth/token', { ...codeForm, client_id: nativeClient, code: token }),
  },
  'device code': {
    own: 'none',
    refused: /^400 invalid_grant$/,
    send: (device_code) => {
      const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
      return post('/oauth/token', { grant_type, client_id: nativeClient, device_code })
    },
  },
  'client assertion': {
    own: 'client assertion',
    refused: /^(401 invalid_client|400 invalid_request)$/,
    send: (client_assertion) => {
      const authentication = { client_assertion_type: assertionType, client_assertion }
      return post('/oauth/par', {
        ...request,
        ...authentication,
        client_id: holder.id,
        redirect_uri: `${platform.config.gateway.origin}/auth/callback`,
      })
    },
  },
  'request object': {
    own: 'request object',
    refused: /^400 invalid_request_object$/,
    send: async (token) => {
      const assertion = new SignJWT({ jti: randomUUID() }).setProtectedHeader({
        alg: 'ES256',
        kid: 'holder-1',
      })
      const claims = assertion.setIssuer('holder').setSubject('holder').setAudience(issuer)
      const client_assertion = await claims.setIssuedAt().setExpirationTime('1m').sign(client.privateKey)
      const form = {
        client_id: 'holder',
        request: token,
        client_assertion,
        client_assertion_type: assertionType,
      }
      return post('/oauth/par', form)
    },
  },
  'DPoP proof': {
    own: 'DPoP proof',
    refused: /^400 invalid_dpop_proof$/,
    send: (dpop) => {
      const secret = platform.credentials.clientSecret('demo-machine') ?? ''
      const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
      return post('/oauth/token', { grant_type: 'client_credentials' }, { dpop, authorization })
    },
  },
  'ID token hint': {
    own: 'ID token',
    refused: /^303 invalid_request$/,
    send: (id_token_hint) =>
      fetch(authorizeUrl(issuer, newPkce(), { id_token_hint, redirect_uri: redirectUri }), {
        redirect: 'manual',
      }),
  },
}

async function outcome(response: Response): Promise<string> {
  const location = response.headers.get('location')
  if (location !== null) {
    return `${response.status} ${new URL(location, issuer).searchParams.get('error') ?? 'accepted'}`
  }
  const body: unknown = JSON.parse((await response.text()) || '{}')
  const told = isRecord(body) ? (body['error'] ?? body['code']) : undefined
  return response.ok ? 'accepted' : `${response.status} ${String(told)}`
}

for (const [name, place] of Object.entries(places)) {
  t.test(`${name}: takes its own kind and no other`, async (t) => {
    for (const [kind, token] of Object.entries(kinds)) {
      if (kind === place.own) continue
      // One at a time: each is a try of its own.
      // oxlint-disable-next-line no-await-in-loop
      t.match(await outcome(await place.send(token)), place.refused, kind)
    }
    const own = kinds[place.own]
    if (own !== undefined) t.match(await outcome(await place.send(own)), /accepted$/, 'its own')
  })
}

t.test('a session cookie is nothing else either', async (t) => {
  for (const [kind, token] of Object.entries(kinds)) {
    const stranger = new Person()
    stranger.jar.set(new URL(issuer), '__Host-idp-session', token)
    const seen = await stranger.open(`${issuer}/account`)
    t.equal(seen.status === 200, kind === 'session cookie', kind)
  }
})
