import type { Limiter, RateState } from '../../gateway/limits/limiter.ts'
import type { Rate } from '@gatehouse/kit/units'

export * from '../../gateway/limits/limiter.ts'

/** Counts nothing. */
export function createLimiter(policy: string, rate: Rate): Limiter {
  const windowSeconds = Math.ceil(rate.windowMs / 1000)
  const numbers = { quota: rate.count, windowSeconds, remaining: rate.count, resetSeconds: windowSeconds }
  const state: RateState = { policy, ...numbers, exceeded: false, before: undefined }
  return { policy, rate, hit: () => state, peek: () => state }
}
