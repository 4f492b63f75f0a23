import type { Problem } from '@gatehouse/kit/errors'
import type { GatewayMetrics } from '../metrics.ts'
import type { Finding, Stage } from '../pipeline/context.ts'
import type { RateState } from './limiter.ts'
import { tooManyRequests } from './rate-headers.ts'

/** Counts the request under the limits of its route. */
export function rateLimit(metrics: GatewayMetrics): Stage {
  const conclude = (state: RateState, policies: string): Finding | Problem => {
    if (!state.exceeded) return { rate: state }
    metrics.rateLimited.child({ policy: state.policy }).inc()
    return tooManyRequests(policies, state)
  }
  return (context) => {
    const { limit } = context.route
    const state = limit.hit(context)
    return state instanceof Promise
      ? state.then((later) => conclude(later, limit.policies))
      : conclude(state, limit.policies)
  }
}
