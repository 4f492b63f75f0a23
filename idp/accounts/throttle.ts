import type { Clock } from '@gatehouse/kit/clock'

export interface Limit {
  readonly count: number
  readonly windowMs: number
}

/** Counts attempts by a key. This one counts in memory; a shared store can take its place. */
export interface AttemptLimiter {
  /** Counts one attempt. @returns milliseconds to wait when it is one too many, else 0 */
  take(key: string): number
  /** Takes one attempt back, because it was none. */
  refund(key: string): void
  /** Forgets the key, because its owner has shown up. */
  clear(key: string): void
}

interface Window {
  count: number
  readonly endsAt: number
}

/**
 * Fixed windows in a bounded map. The attempt is counted before it is tried, so that many at once gain nothing.
 * When the map is full the oldest window goes, which is why there must also be a limit on what one address can
 * fill it with.
 */
export class MemoryLimiter implements AttemptLimiter {
  readonly #limit: Limit
  readonly #clock: Clock
  readonly #maxKeys: number
  readonly #windows = new Map<string, Window>()

  constructor(options: { limit: Limit; clock: Clock; maxKeys?: number }) {
    this.#limit = options.limit
    this.#clock = options.clock
    this.#maxKeys = options.maxKeys ?? 50_000
  }

  take(key: string): number {
    const window = this.#current(key)
    if (window.count >= this.#limit.count) return window.endsAt - this.#clock.now()
    window.count += 1
    return 0
  }

  refund(key: string): void {
    const window = this.#windows.get(key)
    if (window !== undefined && window.count > 0) window.count -= 1
  }

  clear(key: string): void {
    this.#windows.delete(key)
  }

  #current(key: string): Window {
    const now = this.#clock.now()
    const known = this.#windows.get(key)
    const leftMs = (known?.endsAt ?? 0) - now
    // A window that is still to come: the clock was set back, and nobody waits until it is there again.
    if (known !== undefined && leftMs > 0 && leftMs <= this.#limit.windowMs) return known
    this.#windows.delete(key)
    const oldest = this.#windows.keys().next()
    if (this.#windows.size >= this.#maxKeys && oldest.done !== true) this.#windows.delete(oldest.value)
    const fresh = { count: 0, endsAt: now + this.#limit.windowMs }
    this.#windows.set(key, fresh)
    return fresh
  }
}
