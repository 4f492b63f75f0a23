import { createHash, randomBytes } from 'node:crypto'
import type { ClientMetadata } from 'oidc-provider'

/** The account pages sign people in through the same authorization endpoint as everybody else, as this client. */
export const accountClientId = 'gatehouse-account'

export function accountClient(issuer: string): ClientMetadata {
  return {
    client_id: accountClientId,
    client_name: 'Your account',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    response_modes: ['query'],
    redirect_uris: [`${issuer}/account`],
    post_logout_redirect_uris: [],
    scope: 'openid',
  }
}

/**
 * Where to send somebody without a session. The code that comes back is never redeemed: what counts is the session
 * that now exists, so the challenge is one that nobody holds the verifier of.
 */
export function accountSignInUrl(issuer: string): string {
  const query = new URLSearchParams({
    client_id: accountClientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${issuer}/account`,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return `/oauth/authorize?${query.toString()}`
}
