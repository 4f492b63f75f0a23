import type { Caller } from '../authn/caller.ts'
import type { AnyLimiter, RateState } from './limiter.ts'
import { policyItem } from './rate-headers.ts'

/** What a request is counted by. */
export interface Counted {
  readonly caller: Caller | undefined
  readonly address: string
}

/** One of a route's limits, and what it counts together. */
export interface BoundLimiter {
  readonly limiter: AnyLimiter
  readonly keyOf: (counted: Counted) => string
}

type Answer = RateState | Promise<RateState>

/** All limits of a route. */
export interface RouteLimit {
  /** Value of `RateLimit-Policy`. */
  readonly policies: string
  /** Counts one more, up to the first limit that has an objection: what it refuses is not taken from the others. */
  hit(counted: Counted): Answer
  /** Counts nothing. */
  peek(counted: Counted): Answer
}

/** @param limits at least one; the shortest window is asked first. */
export function routeLimit(limits: readonly BoundLimiter[]): RouteLimit {
  const sorted = limits.toSorted((a, b) => a.limiter.rate.windowMs - b.limiter.rate.windowMs)
  const policies = sorted.map(({ limiter }) => policyItem(limiter)).join(', ')
  const [only, ...more] = sorted
  if (only === undefined) throw new TypeError('a route without a limit')
  const { limiter, keyOf } = only
  if (more.length === 0) {
    return {
      policies,
      hit: (counted) => limiter.hit(keyOf(counted)),
      peek: (counted) => limiter.peek(keyOf(counted)),
    }
  }
  return {
    policies,
    hit: (counted) => askFrom(sorted, 'hit', counted, 0, undefined),
    peek: (counted) => askFrom(sorted, 'peek', counted, 0, undefined),
  }
}

function askFrom(
  limits: readonly BoundLimiter[],
  how: 'hit' | 'peek',
  counted: Counted,
  at: number,
  before: RateState | undefined,
): Answer {
  const bound = limits[at]
  if (bound === undefined) throw new TypeError('a limit that is not there')
  const goOn = (state: RateState): Answer =>
    state.exceeded || at + 1 === limits.length ? state : askFrom(limits, how, counted, at + 1, state)
  const state = bound.limiter[how](bound.keyOf(counted), before)
  return state instanceof Promise ? state.then(goOn) : goOn(state)
}
