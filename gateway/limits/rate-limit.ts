import type { GatewayMetrics } from '../metrics.ts'
import type { Stage } from '../pipeline/context.ts'
import { addressKey } from './rate-key.ts'
import { tooManyRequests } from './rate-headers.ts'

/** Counts the request under its route's policy: by subject and client, or by address where nobody is known. */
export function rateLimit(metrics: GatewayMetrics): Stage {
  return ({ caller, address, route }) => {
    const state = route.limiter.hit(caller?.rateKey ?? addressKey(address))
    if (!state.exceeded) return { rate: state }
    metrics.rateLimited.child({ policy: state.policy }).inc()
    return tooManyRequests(state)
  }
}
