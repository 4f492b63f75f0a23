import type { Rate } from '@gatehouse/kit/units'
import { createLimiter, type Limiter } from './limiter.ts'

/** Limiters by policy and rate, so that a reload does not make anybody's count start anew. */
export class LimiterShelf {
  readonly #limiters = new Map<string, Limiter>()
  readonly #asked = new Set<string>()

  limiter(policy: string, rate: Rate): Limiter {
    const name = JSON.stringify([policy, rate.count, rate.windowMs])
    this.#asked.add(name)
    const known = this.#limiters.get(name)
    if (known !== undefined) return known
    const limiter = createLimiter(policy, rate)
    this.#limiters.set(name, limiter)
    return limiter
  }

  /** Forgets those that were not asked for since the last time. */
  sweep(): void {
    for (const name of this.#limiters.keys()) if (!this.#asked.has(name)) this.#limiters.delete(name)
    this.#asked.clear()
  }
}
