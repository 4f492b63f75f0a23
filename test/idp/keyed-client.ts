import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { assertionType } from './assertion.ts'

export interface KeyedClient {
  readonly id: string
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
  /** An entry of `idp.clients`. */
  readonly entry: Readonly<Record<string, unknown>>
}

/** A client that signs with a key of its own, as an entry of the configuration. */
export async function keyedClient(
  id: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<KeyedClient> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: `${id}-1`, alg: 'ES256', use: 'sig' }]
  const entry = {
    client_id: id,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`https://${id}.example/cb`],
    scope: 'openid profile orders:read',
    jwks: JSON.stringify({ keys }),
    ...metadata,
  }
  return { id, privateKey, entry }
}

/** Configuration with these clients, and more in YAML's flow style. */
export function withClientsConfig(
  clients: readonly { readonly entry: Readonly<Record<string, unknown>> }[],
  idp: Readonly<Record<string, unknown>> = {},
): string {
  return stringify({ idp: { ...idp, clients: clients.map(({ entry }) => entry) } })
}

/** A request object (RFC 9101 section 4). @param changes replace claims of the object's own; undefined leaves them out */
export function requestObject(
  client: KeyedClient,
  issuer: string,
  claims: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const own = { iss: client.id, aud: issuer, iat: now, nbf: now, exp: now + 60 }
  return new SignJWT({ client_id: client.id, ...claims, ...own, ...changes })
    .setProtectedHeader({ alg: 'ES256', kid: `${client.id}-1`, typ: 'oauth-authz-req+jwt' })
    .sign(client.privateKey)
}

/**
 * What a client proves itself with at the token endpoint (RFC 7523 section 2.2).
 * @param changes replace claims; undefined leaves them out
 */
export async function clientAssertionOf(
  client: KeyedClient,
  audience: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const own = { iss: client.id, sub: client.id, aud: audience, jti: randomUUID(), iat: now, exp: now + 60 }
  const assertion = await new SignJWT({ ...own, ...changes })
    .setProtectedHeader({ alg: 'ES256', kid: `${client.id}-1` })
    .sign(client.privateKey)
  return { client_assertion_type: assertionType, client_assertion: assertion }
}
