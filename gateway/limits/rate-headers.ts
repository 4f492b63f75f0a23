import { Problem } from '@gatehouse/kit/errors'
import type { RateState } from './limiter.ts'

/** draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. */
export function rateHeaders(state: RateState): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${state.policy}";q=${state.quota};w=${state.windowSeconds}`,
    ratelimit: `"${state.policy}";r=${state.remaining};t=${state.resetSeconds}`,
  }
}

/** 429 (RFC 6585 section 4), with when to come back. */
export function tooManyRequests(state: RateState): Problem {
  const retryAfter = String(Math.max(1, state.resetSeconds))
  return new Problem('rate_limited', { headers: { ...rateHeaders(state), 'retry-after': retryAfter } })
}
