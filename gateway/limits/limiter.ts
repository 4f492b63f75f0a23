import LocalStore from '@fastify/rate-limit/store/LocalStore.js'
import type { Rate } from '@gatehouse/kit/units'

/** Where one caller stands with one limit. */
export interface RateState {
  readonly policy: string
  /** Requests in a window. */
  readonly quota: number
  readonly windowSeconds: number
  readonly remaining: number
  /** Seconds until the window starts anew. */
  readonly resetSeconds: number
  readonly exceeded: boolean
  /** The same of the limit that was asked before this one, which had no objection. */
  readonly before: RateState | undefined
}

/** Counts by key under one limit. */
export interface Limiter<Answer = RateState> {
  readonly policy: string
  readonly rate: Rate
  /** Counts one more. */
  hit(key: string, before?: RateState): Answer
  /** Counts nothing. `exceeded` tells whether one more would be too many. */
  peek(key: string, before?: RateState): Answer
}

/** The same where counting may have to wait for somebody else. */
export type AnyLimiter = Limiter<RateState | Promise<RateState>>

/** How often a key was seen in its window. */
export interface Count {
  readonly current: number
  /** Milliseconds until the window ends. */
  readonly ttl: number
}

/** Keys that are counted at the same time; the one not seen for longest is forgotten first. */
const keys = 100_000

/**
 * A limit counted by @fastify/rate-limit in memory. Its store is asked directly: the plugin's own function puts six
 * promises around a look-up that answers at once, which is a twentieth of a whole request.
 */
export function createLimiter(policy: string, rate: Rate): Limiter {
  const { count: quota, windowMs } = rate
  let store = new LocalStore(false, false, keys)
  let last: Count = { current: 0, ttl: 0 }
  const answered = (error: Error | null, count: Count): void => {
    if (error !== null) throw error
    last = count
  }
  const ask = (how: 'incr' | 'read', key: string): void => {
    store[how](key, answered, windowMs, quota)
    if (last.ttl <= windowMs) return
    // A window that is still to come: the clock was set back, and would keep everybody waiting until it is there again.
    store = new LocalStore(false, false, keys)
    store[how](key, answered, windowMs, quota)
  }
  return {
    policy,
    rate,
    hit(key, before) {
      ask('incr', key)
      return afterHit(policy, rate, last, before)
    },
    peek(key, before) {
      ask('read', key)
      return afterPeek(policy, rate, last, before)
    },
  }
}

export function afterHit(
  policy: string,
  rate: Rate,
  { current, ttl }: Count,
  before: RateState | undefined,
): RateState {
  return stateOf(policy, rate, Math.max(0, rate.count - current), ttl, current > rate.count, before)
}

export function afterPeek(
  policy: string,
  rate: Rate,
  { current, ttl }: Count,
  before: RateState | undefined,
): RateState {
  return stateOf(policy, rate, Math.max(0, rate.count - current), ttl, current >= rate.count, before)
}

function stateOf(
  policy: string,
  { count: quota, windowMs }: Rate,
  remaining: number,
  ttl: number,
  exceeded: boolean,
  before: RateState | undefined,
): RateState {
  return {
    policy,
    quota,
    windowSeconds: Math.ceil(windowMs / 1000),
    remaining,
    resetSeconds: Math.ceil(ttl / 1000),
    exceeded,
    before,
  }
}
