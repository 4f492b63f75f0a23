import type { GatewayMetrics } from '../metrics.ts'
import type { Stage } from '../pipeline/context.ts'
import type { RevocationIndex } from '../revocation/index.ts'
import { authorityEnded } from './authority-ended.ts'

/** Asks at every request, however fresh the proof of the credential is. */
export function notRevoked(revocation: RevocationIndex, metrics: GatewayMetrics): Stage {
  const failures = metrics.authnFailures.child({ reason: 'revoked' })
  return ({ caller }) => {
    if (caller === undefined || !revocation.isRevoked(caller.claims, caller.kid)) return undefined
    failures.inc()
    // The index is asked at every request; what was proven and minted before need not lie about any longer.
    caller.forget()
    return authorityEnded(caller)
  }
}
