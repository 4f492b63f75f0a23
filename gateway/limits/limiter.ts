import type { RateLimitOptions } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Rate } from '@gatehouse/kit/units'

/** Where one caller stands with one policy. */
export interface RateState {
  readonly policy: string
  /** Requests in a window. */
  readonly quota: number
  readonly windowSeconds: number
  readonly remaining: number
  /** Seconds until the window starts anew. */
  readonly resetSeconds: number
  readonly exceeded: boolean
}

/** Counts by key under one policy. */
export interface Limiter {
  /** Counts one more. */
  hit(request: FastifyRequest, key: string): Promise<RateState>
  /** Counts nothing. `exceeded` tells whether one more would be too many. */
  peek(request: FastifyRequest, key: string): Promise<RateState>
}

/** Keys that are counted at the same time; the one not seen for longest is forgotten first. */
const keys = 100_000

/** A policy counted by @fastify/rate-limit in memory. The plugin must be registered on `app`. */
export function createLimiter(app: FastifyInstance, policy: string, rate: Rate): Limiter {
  // The plugin asks for the key before it first waits, so the one set just before the call is the one it gets.
  let current = ''
  const options: RateLimitOptions = {
    max: rate.count,
    timeWindow: rate.windowMs,
    cache: keys,
    keyGenerator: () => current,
  }
  const count = app.createRateLimit(options)
  const windowSeconds = Math.ceil(rate.windowMs / 1000)
  const ask = async (request: FastifyRequest, key: string, increment: boolean): Promise<RateState> => {
    current = key
    const state = await count(request, { increment })
    if (state.isAllowed) throw new TypeError('the limiter has an allow list')
    return {
      policy,
      quota: rate.count,
      windowSeconds,
      remaining: state.remaining,
      resetSeconds: state.ttlInSeconds,
      exceeded: increment ? state.isExceeded : state.remaining === 0,
    }
  }
  return {
    hit: (request, key) => ask(request, key, true),
    peek: (request, key) => ask(request, key, false),
  }
}
