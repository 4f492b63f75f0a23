import { setTimeout as delay } from 'node:timers/promises'

const firstMs = 30
const growth = 1.5
const lastMs = 5000
/** Who begins together with the other side need not wait long for it: two seconds in small steps. */
const lastBeginningMs = 100
const beginningFailures = 28

/** Pauses between tries: each half as long again as the one before, up to 5 s, and by chance up to half shorter. */
export class Backoff {
  #fullMs = firstMs
  #beginning = beginningFailures

  /** After a success. */
  reset(): void {
    this.#fullMs = firstMs
    this.#beginning = 0
  }

  /** Milliseconds until the next try. */
  next(random: () => number = Math.random): number {
    const longest = this.#beginning > 0 ? lastBeginningMs : lastMs
    if (this.#beginning > 0) this.#beginning -= 1
    const full = this.#fullMs
    this.#fullMs = Math.min(full * growth, longest)
    // All gateways lost the same IdP at the same moment; they should not come back at the same moment, too.
    return full * (0.5 + random() / 2)
  }

  /** Waits for that long. Resolves early when `signal` aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal, ref: false }).catch(() => undefined)
  }
}
