import type { Rate } from '@gatehouse/kit/units'
import type { AnyLimiter } from './limiter.ts'

/** @param name tells it from every other, at this gateway and the ones beside it. */
export type CreateLimiter = (policy: string, rate: Rate, name: string) => AnyLimiter

/** Limiters by name and rate, so that a reload does not make anybody's count start anew. */
export class LimiterShelf {
  readonly #limiters = new Map<string, AnyLimiter>()
  readonly #asked = new Set<string>()
  readonly #create: CreateLimiter

  constructor(create: CreateLimiter) {
    this.#create = create
  }

  /** @param kind keeps what is named in different places apart. */
  limiter(kind: 'gateway' | 'route' | 'policy', policy: string, rate: Rate): AnyLimiter {
    const name = JSON.stringify([kind, policy, rate.count, rate.windowMs])
    this.#asked.add(name)
    const known = this.#limiters.get(name)
    if (known !== undefined) return known
    const limiter = this.#create(policy, rate, name)
    this.#limiters.set(name, limiter)
    return limiter
  }

  /** Forgets those that were not asked for since the last time. */
  sweep(): void {
    for (const name of this.#limiters.keys()) if (!this.#asked.has(name)) this.#limiters.delete(name)
    this.#asked.clear()
  }
}
