import type { Configuration } from 'oidc-provider'

/** ES256 and nothing else: RSA dominates a token endpoint's cost, and one algorithm leaves nothing to confuse. */
export const algorithms = {
  clientAuthSigningAlgValues: ['ES256'],
  idTokenSigningAlgValues: ['ES256'],
  userinfoSigningAlgValues: ['ES256'],
  introspectionSigningAlgValues: ['ES256'],
  authorizationSigningAlgValues: ['ES256'],
  dPoPSigningAlgValues: ['ES256'],
  requestObjectSigningAlgValues: [],
  attestSigningAlgValues: [],
} satisfies Configuration['enabledJWA']
