import type { Configuration } from 'oidc-provider'

type Algorithms = NonNullable<Configuration['enabledJWA']>

const own = ['ES256'] as const
const certified = ['ES256', 'PS256', 'RS256'] as const

/**
 * ES256 and nothing else: RSA dominates a token endpoint's cost, and one algorithm leaves nothing to confuse. What clients
 * sign, and what is signed for clients that ask for it, may be PS256 or RS256 under the certification profile, because its
 * plans want that. Access tokens are ES256 always.
 */
export function algorithms(certification: boolean): Algorithms {
  const some = certification ? certified : own
  return {
    clientAuthSigningAlgValues: [...some],
    requestObjectSigningAlgValues: [...some],
    idTokenSigningAlgValues: [...some],
    userinfoSigningAlgValues: [...some],
    introspectionSigningAlgValues: [...own],
    authorizationSigningAlgValues: [...some],
    dPoPSigningAlgValues: [...own],
    attestSigningAlgValues: [],
  }
}

/** FAPI 2.0 Security Profile section 5.4.1, of those that are there at all; RS256 is not among them. */
export function isFapiAlgorithm(alg: unknown): boolean {
  return alg === 'ES256' || alg === 'PS256'
}
