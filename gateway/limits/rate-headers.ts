import { Problem } from '@gatehouse/kit/errors'
import type { RateState } from './limiter.ts'

/** draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. */
function policyHeader({ policy, quota, windowSeconds }: RateState): string {
  return `"${policy}";q=${quota};w=${windowSeconds}`
}

function stateHeader({ policy, remaining, resetSeconds }: RateState): string {
  return `"${policy}";r=${remaining};t=${resetSeconds}`
}

/** Adds where the caller stands to a flat list of headers. */
export function addRateHeaders(headers: string[], state: RateState): void {
  headers.push('ratelimit-policy', policyHeader(state), 'ratelimit', stateHeader(state))
}

/** 429 (RFC 6585 section 4), with when to come back. */
export function tooManyRequests(state: RateState): Problem {
  const retryAfter = String(Math.max(1, state.resetSeconds))
  return new Problem('rate_limited', {
    headers: {
      'ratelimit-policy': policyHeader(state),
      ratelimit: stateHeader(state),
      'retry-after': retryAfter,
    },
  })
}
