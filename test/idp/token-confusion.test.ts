import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { assertionType } from './assertion.ts'
import { keyedClient, withClientsConfig } from './keyed-client.ts'
import { authorizeUrl, nativeClient, newPkce, redirectUri } from './native.ts'
import { Person } from './person.ts'
import { outcomeOf, request, tokenKinds } from './token-kinds.ts'

const client = await keyedClient('holder')
const idp = { registration: { who: 'anyone' } }
const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([client], idp) })
const { issuer } = platform.config
const { kinds, code, managed } = await tokenKinds(platform, client)
const holder = { id: 'gateway' }

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(new URL(path, issuer), { method: 'POST', body: new URLSearchParams(form), headers })
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const { client_id: _, ...codeForm } = code.params

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
    own: 'admin token',
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

for (const [name, place] of Object.entries(places)) {
  t.test(`${name}: takes its own kind and no other`, async (t) => {
    for (const [kind, token] of Object.entries(kinds)) {
      if (kind === place.own) continue
      // One at a time: each is a try of its own.
      // oxlint-disable-next-line no-await-in-loop
      t.match(await outcomeOf(await place.send(token)), place.refused, kind)
    }
    const own = kinds[place.own]
    if (own !== undefined) t.match(await outcomeOf(await place.send(own)), /accepted$/, 'its own')
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
