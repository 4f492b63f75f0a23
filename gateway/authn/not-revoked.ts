import type { FailedAuthentications } from '../limits/failed-authentications.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { Stage } from '../pipeline/context.ts'
import type { RevocationIndex } from '../revocation/index.ts'
import { authorityEnded } from './authority-ended.ts'

/**
 * Asks at every request, however fresh the proof of the credential is. What was taken away has no proof from then on, so it
 * counts as any other bad credential.
 */
export function notRevoked(
  revocation: RevocationIndex,
  metrics: GatewayMetrics,
  failures: Pick<FailedAuthentications, 'count'>,
): Stage {
  const refused = metrics.authnFailures.child({ reason: 'revoked' })
  return ({ caller, address }) => {
    if (caller === undefined || !revocation.isRevoked(caller.claims, caller.kid)) return undefined
    refused.inc()
    failures.count(address)
    // The index is asked at every request; what was proven and minted before need not lie about any longer.
    caller.forget()
    return authorityEnded(caller)
  }
}
