import { randomUUID } from 'node:crypto'
import { systemClock } from '@gatehouse/kit/clock'
import { KeyRing } from '@gatehouse/kit/keys/ring'
import { MasterKey } from '@gatehouse/kit/secrets'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Platform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { adminToken } from './admin.ts'
import { clientAssertion } from './assertion.ts'
import { requestObject, type KeyedClient } from './keyed-client.ts'
import { nativeClient, newCode, newPkce, newTokens, type CodeGrant } from './native.ts'
import type { Person } from './person.ts'
import { Receiver } from './receiver.ts'
import { withStore } from './registered.ts'

/** One of each thing that the identity server, or a client of it, hands to somebody. */
export interface TokenKinds {
  readonly kinds: Readonly<Record<string, string>>
  /** What the code among them is redeemed with. */
  readonly code: CodeGrant
  /** Who signed in for the tokens. */
  readonly person: Person
  /** Where the client is managed that was registered. */
  readonly managed: string
}

/** What the identity server's own key signs for other places. */
async function signed(
  platform: Platform,
  typ: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const tokens: string[] = []
  await withStore(platform, async (store) => {
    const masterKey = MasterKey.fromFile(platform.paths.masterKey)
    const key = (await KeyRing.open({ store, ring: 'idp', masterKey, clock: systemClock })).signing()
    const token = new SignJWT({ sub: 'acc-alice', jti: randomUUID(), client_id: nativeClient, ...claims })
    const header = { alg: 'ES256', typ, kid: key.kid }
    const { issuer } = platform.config
    const full = token.setProtectedHeader(header).setIssuer(issuer).setIssuedAt().setExpirationTime('5m')
    tokens.push(await full.sign(key.privateKey))
  })
  return tokens.join()
}

/** An authorization request of a client with a key. */
export const request = {
  response_type: 'code',
  redirect_uri: 'https://holder.example/cb',
  scope: 'openid',
  code_challenge: newPkce().challenge,
  code_challenge_method: 'S256',
}

/** @param client has a request object; registration must be open. */
export async function tokenKinds(platform: Platform, client: KeyedClient): Promise<TokenKinds> {
  const { issuer } = platform.config
  const code = await newCode(platform)
  const { accessToken, idToken, refreshToken, person } = await newTokens(platform)
  const registered = await register(issuer)
  const holder = { id: 'gateway', keyFile: platform.paths.gatewayClientKey, issuer }
  const kinds = {
    'access token': accessToken,
    'ID token': idToken,
    'refresh token': refreshToken,
    'authorization code': code.code,
    'client assertion': await clientAssertion(holder),
    'request object': await requestObject(client, issuer, request),
    'DPoP proof': await proofFor(`${issuer}/oauth/token`),
    'registration access token': textField(registered, 'registration_access_token'),
    'session cookie': person.jar.get('__Host-idp-session') ?? 'none',
    'events token': await new Receiver(platform).token(),
    'admin token': await adminToken(platform),
    ...(await signedKinds(platform)),
  }
  return { kinds, code, person, managed: textField(registered, 'registration_client_uri') }
}

async function signedKinds(platform: Platform): Promise<Readonly<Record<string, string>>> {
  const { resource, gateway } = platform.config
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  return {
    'logout token': await signed(platform, 'logout+jwt', { aud: gateway.clientId, events, sid: 's' }),
    'security event': await signed(platform, 'secevent+jwt', { aud: gateway.clientId, events, sid: 's' }),
    'introspection answer': await signed(platform, 'token-introspection+jwt', {
      aud: gateway.clientId,
      token_introspection: {},
    }),
    'JARM response': await signed(platform, 'oauth-authz-resp+jwt', { aud: nativeClient, code: 'c' }),
    'internal token': await signed(platform, 'internal+jwt', { aud: resource, scope: 'openid orders:read' }),
  }
}

async function register(issuer: string): Promise<unknown> {
  const answer = await fetch(new URL('/oauth/register', issuer), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }),
  })
  return answer.json()
}

async function proofFor(htu: string): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  return new SignJWT({ htm: 'POST', htu, jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey)
}

/** What came of sending a token somewhere: `accepted`, or status and error. */
export async function outcomeOf(response: Response): Promise<string> {
  const location = response.headers.get('location')
  if (location !== null)
    return `${response.status} ${new URL(location, response.url).searchParams.get('error') ?? 'accepted'}`
  const body: Readonly<Record<string, unknown>> = {
    ...Object(JSON.parse((await response.text()) || '{}')),
  }
  return response.ok ? 'accepted' : `${response.status} ${String(body['error'] ?? body['code'])}`
}
