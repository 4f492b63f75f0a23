import { Problem } from '@gatehouse/kit/errors'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken } from '../http/challenge.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { Stage } from '../pipeline/context.ts'
import type { RevocationIndex } from '../revocation/index.ts'

/** Asks at every request, however fresh the proof of the credential is. */
export function notRevoked(revocation: RevocationIndex, metrics: GatewayMetrics): Stage {
  const failures = metrics.authnFailures.child({ reason: 'revoked' })
  return ({ caller }) => {
    if (caller === undefined || !revocation.isRevoked(caller.claims, caller.kid)) return undefined
    failures.inc()
    const cause = new TokenRejected('revoked')
    return caller.authn === 'bearer' ? invalidToken(cause) : new Problem('no_session', { cause })
  }
}
