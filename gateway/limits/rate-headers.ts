import { Problem } from '@gatehouse/kit/errors'
import type { AnyLimiter, RateState } from './limiter.ts'

/** draft-ietf-httpapi-ratelimit-headers-10, section 3: the quota, and its window in seconds. */
export function policyItem({ policy, rate }: Pick<AnyLimiter, 'policy' | 'rate'>): string {
  return `"${policy}";q=${rate.count};w=${Math.ceil(rate.windowMs / 1000)}`
}

/** Section 4: what is left, and the seconds until there is more. */
function stateItems({ policy, remaining, resetSeconds, before }: RateState): string {
  const item = `"${policy}";r=${remaining};t=${resetSeconds}`
  return before === undefined ? item : `${stateItems(before)}, ${item}`
}

/** Adds where the caller stands to a flat list of headers. */
export function addRateHeaders(headers: string[], policies: string, state: RateState): void {
  headers.push('ratelimit-policy', policies, 'ratelimit', stateItems(state))
}

/**
 * 429 (RFC 6585 section 4), with when to come back.
 * @param policies all that hold for the request, as `RateLimit-Policy` says it.
 */
export function tooManyRequests(policies: string, state: RateState): Problem {
  const retryAfter = String(Math.max(1, state.resetSeconds))
  return new Problem('rate_limited', {
    headers: { 'ratelimit-policy': policies, ratelimit: stateItems(state), 'retry-after': retryAfter },
  })
}
