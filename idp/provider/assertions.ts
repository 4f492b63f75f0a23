import type { Clock } from '@gatehouse/kit/clock'
import type { Configuration } from 'oidc-provider'
import { errors } from 'oidc-provider'

const maxLifeSeconds = 600

/**
 * A client assertion must expire soon (RFC 7523 section 3): its `jti` is remembered until then, and nobody makes us
 * remember for years.
 */
export function assertClientAssertion(
  clock: Clock,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return (_ctx, claims) => {
    const { exp } = claims
    const latest = clock.now() / 1000 + maxLifeSeconds
    if (typeof exp !== 'number' || !Number.isSafeInteger(exp) || exp > latest) {
      throw new errors.InvalidClientAuth('the client assertion expires too late')
    }
  }
}
