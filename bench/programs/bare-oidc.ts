import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import http from 'node:http'
import { Provider } from 'oidc-provider'
import type { Client, Configuration } from 'oidc-provider'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { audience, scope } from '../run/names.ts'
import { clientIds } from '../run/oauth.ts'
import { announce } from './settings.ts'

// oidc-provider with its own memory adapter and nothing around it: the base of the identity server's ratios.
// It issues what Gatehouse issues: ES256 JWT access tokens for one resource, rotated refresh tokens, ID tokens.

const Options = Type.Object({
  secret: Type.String(),
  assertionKey: Type.Record(Type.String(), Type.Unknown()),
})
const Ask = Type.Object({ refreshTokens: Type.Optional(Type.Number()), codes: Type.Optional(Type.Number()) })
const redirectUri = 'http://127.0.0.1/callback'
const verifier = randomBytes(32).toString('base64url')
const accountId = 'acc-bench'
const refreshScope = `openid offline_access ${scope}`

const { secret, assertionKey } = Value.Parse(Options, JSON.parse(process.argv[2] ?? '{}'))

function signingKey(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }
}

function configuration(): Configuration {
  const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }
  const listed = {
    clients: [
      { ...machine, client_id: clientIds.secret, client_secret: secret },
      {
        ...machine,
        client_id: clientIds.assertion,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [assertionKey] },
      },
      {
        client_id: clientIds.native,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [redirectUri],
      },
    ],
    jwks: { keys: [signingKey()] },
  }
  return {
    ...Value.Parse(Type.Object({ clients: Type.Array(Type.Any()), jwks: Type.Any() }), listed),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access'],
    rotateRefreshToken: true,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { ClientCredentials: 300, AccessToken: 300, RefreshToken: 86_400, Grant: 86_400, IdToken: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope,
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}

async function grantOf(provider: Provider, client: Client): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId: client.clientId })
  grant.addOIDCScope('openid offline_access')
  grant.addResourceScope(audience, scope)
  return grant.save()
}

async function common(provider: Provider, client: Client) {
  const now = Math.floor(Date.now() / 1000)
  const grantId = await grantOf(provider, client)
  const what = { scope: refreshScope, resource: audience, authTime: now, expiresWithSession: false }
  return { accountId, client, grantId, iiat: now, gty: 'authorization_code', ...what }
}

async function refreshToken(provider: Provider, client: Client): Promise<string> {
  const token = new provider.RefreshToken(await common(provider, client))
  return token.save()
}

async function code(provider: Provider, client: Client): Promise<string> {
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
  const issued = new provider.AuthorizationCode({
    ...(await common(provider, client)),
    redirectUri,
    codeChallenge,
    codeChallengeMethod: 'S256',
  })
  return issued.save()
}

async function make(
  provider: Provider,
  { refreshTokens = 0, codes = 0 }: Type.Static<typeof Ask>,
): Promise<void> {
  const client = await provider.Client.find(clientIds.native)
  if (client === undefined) throw new Error('the client is not there')
  const many = (count: number, one: typeof code) =>
    Promise.all(Array.from({ length: count }, () => one(provider, client)))
  const made = { tokens: await many(refreshTokens, refreshToken), codes: await many(codes, code) }
  process.send?.({ type: 'made', ...made, verifier, redirectUri })
}

const server = http.createServer()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const provider = new Provider(`http://127.0.0.1:${port}`, configuration())
  const handle = provider.callback()
  server.on('request', (request, response) => void handle(request, response))
  process.on('message', (message) => void make(provider, Value.Parse(Ask, message)))
  announce(port)
})
