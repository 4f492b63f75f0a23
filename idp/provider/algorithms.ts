import type { Configuration } from 'oidc-provider'

type Algorithms = NonNullable<Configuration['enabledJWA']>

/**
 * ES256 and nothing else: RSA dominates a token endpoint's cost, and one algorithm leaves nothing to confuse. What clients
 * sign may be PS256 or RS256 under the certification profile, because its plans bring such keys.
 */
export function algorithms(certification: boolean): Algorithms {
  return {
    clientAuthSigningAlgValues: certification ? ['ES256', 'PS256', 'RS256'] : ['ES256'],
    requestObjectSigningAlgValues: certification ? ['ES256', 'PS256', 'RS256'] : ['ES256'],
    idTokenSigningAlgValues: ['ES256'],
    userinfoSigningAlgValues: ['ES256'],
    introspectionSigningAlgValues: ['ES256'],
    authorizationSigningAlgValues: ['ES256'],
    dPoPSigningAlgValues: ['ES256'],
    attestSigningAlgValues: [],
  }
}
