import type { Client, FapiProfile } from 'oidc-provider'

/** Metadata of ours that the library carries along; see clients/metadata.ts. */
export const policyProperties = [
  'profile',
  'exchange_audiences',
  'access_token_format',
  'unknown_party',
  'expires_at',
  'access_token_ttl',
  'refresh_token_ttl',
  'id_token_ttl',
] as const

/**
 * Which profile a client is held to as a whole. FAPI 2.0: pushed requests only, PKCE, client authentication by key or
 * certificate, tokens bound to their holder, codes for a minute.
 */
export function fapiProfile(_ctx: unknown, client: Client | undefined): FapiProfile | undefined {
  return client?.['profile'] === 'fapi2' ? '2.0' : undefined
}

/** Resources for which a client may exchange tokens. */
export function exchangeAudiences(client: Client): readonly string[] {
  const value = client['exchange_audiences']
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** JWTs (RFC 9068), unless the client wants that nobody but the APIs' gateway can read its tokens. */
export function accessTokenFormat(client: Client): 'jwt' | 'opaque' {
  return client['access_token_format'] === 'opaque' ? 'opaque' : 'jwt'
}
