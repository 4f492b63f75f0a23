import type { Clock } from '@gatehouse/kit/clock'
import type { UpstreamConfig } from '@gatehouse/kit/config/types'

export type BreakerState = 'closed' | 'open' | 'trying'

/**
 * Keeps requests from a service that fails most of them: open, nothing is sent for a while; then one request tries,
 * and how it goes decides; after as long again another one. Windows do not overlap, so that a request costs two additions.
 */
export class Breaker {
  readonly #config: NonNullable<UpstreamConfig['breaker']>
  readonly #clock: Clock
  readonly #onChange: (state: BreakerState) => void
  #state: BreakerState = 'closed'
  #windowStart = 0
  #requests = 0
  #failures = 0
  #openedAt = 0
  /** When the last trial went. */
  #triedAt = 0

  constructor(
    config: NonNullable<UpstreamConfig['breaker']>,
    parts: { readonly clock: Clock; onChange(state: BreakerState): void },
  ) {
    this.#config = config
    this.#clock = parts.clock
    this.#onChange = (state) => parts.onChange(state)
  }

  /** @returns milliseconds to wait; 0: the request may go, and how it went must be told. */
  admit(): number {
    if (this.#state === 'closed') return 0
    const now = this.#clock.now()
    // A clock that was set back begins the wait anew, instead of making it as much longer.
    this.#openedAt = Math.min(this.#openedAt, now)
    this.#triedAt = Math.min(this.#triedAt, now)
    const { openMs } = this.#config
    const left = this.#openedAt + openMs - now
    if (left > 0) return left
    // One that takes longer may be held up by its own caller, who sends slowly: another one tries beside it.
    if (this.#state === 'trying' && now - this.#triedAt < openMs) return 1
    this.#triedAt = now
    if (this.#state === 'open') this.#become('trying')
    return 0
  }

  succeeded(): void {
    if (this.#state === 'closed') this.#count(0)
    if (this.#state === 'trying') this.#become('closed')
  }

  /** A stream has begun, which is all that was to be tried: its end may be hours away. */
  begun(): void {
    if (this.#state === 'trying') this.#become('closed')
  }

  failed(): void {
    if (this.#state === 'trying') return this.#become('open')
    if (this.#state === 'open') return
    this.#count(1)
    const { volume, errorPercent } = this.#config
    if (this.#requests >= volume && this.#failures * 100 >= errorPercent * this.#requests)
      this.#become('open')
  }

  /** The request ended without saying anything about the service: another one may try. */
  undecided(): void {
    if (this.#state !== 'trying') return
    this.#state = 'open'
  }

  #count(failures: number): void {
    const now = this.#clock.now()
    if (now < this.#windowStart || now - this.#windowStart >= this.#config.windowMs) {
      this.#windowStart = now
      this.#requests = 0
      this.#failures = 0
    }
    this.#requests++
    this.#failures += failures
  }

  #become(state: BreakerState): void {
    this.#state = state
    this.#requests = 0
    this.#failures = 0
    if (state === 'open') this.#openedAt = this.#clock.now()
    this.#onChange(state)
  }
}
