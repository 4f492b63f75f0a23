import type { Clock } from '@gatehouse/kit/clock'
import type { Configuration, UnknownObject } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { isFapiAlgorithm } from './algorithms.ts'

const maxLifeSeconds = 600

/**
 * A client assertion must expire soon (RFC 7523 section 3): its `jti` is remembered until then, and nobody makes us
 * remember for years.
 */
export function assertClientAssertion(
  clock: Clock,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return (ctx, claims, header) => {
    const { exp } = claims
    if (ctx.oidc.isFapi('2.0')) requireFapi(claims, header, ctx.oidc.issuer)
    const latest = clock.now() / 1000 + maxLifeSeconds
    if (typeof exp !== 'number' || !Number.isSafeInteger(exp) || exp > latest) {
      throw new errors.InvalidClientAuth('the client assertion expires too late')
    }
  }
}

/** FAPI 2.0 Security Profile sections 5.3.2.1 (the issuer, as a text, is the audience) and 5.4.1 (algorithms). */
function requireFapi({ aud }: UnknownObject, { alg }: UnknownObject, issuer: string): void {
  if (aud !== issuer) throw new errors.InvalidClientAuth('the audience must be the issuer, and alone')
  if (!isFapiAlgorithm(alg)) throw new errors.InvalidClientAuth('not an algorithm of FAPI 2.0')
}
