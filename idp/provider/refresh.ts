import type { Configuration } from 'oidc-provider'

/**
 * Every client that is registered for refresh tokens gets one. Without `offline_access` it ends with the browser
 * session at the IdP, which is what a web application behind the gateway should have. `offline_access` is heeded
 * only together with `prompt=consent` (OpenID Connect Core section 11), and then outlives signing out.
 *
 * Each use gives a new one; a used one that comes back ends the family (RFC 9700 section 4.14.2).
 */
export const refreshPolicy = {
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: (_ctx, source) => !source.scopes.has('offline_access'),
  rotateRefreshToken: true,
} satisfies Configuration
