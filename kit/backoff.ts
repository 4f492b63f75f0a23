import { setTimeout as delay } from 'node:timers/promises'

const firstMs = 30
const growth = 1.5
const lastMs = 5000
/** All parts start at once: who begins together with the other side need not wait long for it. Four seconds in small steps. */
const lastBeginningMs = 100
const beginningFailures = 52

/** Pauses between tries: each half as long again as the one before, up to 5 s, and by chance up to half shorter. */
export class Backoff {
  #fullMs = firstMs
  #beginning = beginningFailures

  /** Nothing was reached yet, and nobody need be told of that. */
  get isBeginning(): boolean {
    return this.#beginning > 0
  }

  /** After a success. */
  reset(): void {
    this.#fullMs = firstMs
    this.#beginning = 0
  }

  /** Milliseconds until the next try. */
  next(random: () => number = Math.random): number {
    const longest = this.isBeginning ? lastBeginningMs : lastMs
    if (this.isBeginning) this.#beginning -= 1
    const full = this.#fullMs
    this.#fullMs = Math.min(full * growth, longest)
    // All lost the same server at the same moment; they should not come back at the same moment, too.
    return full * (0.5 + random() / 2)
  }

  /** Waits for that long. Resolves early when `signal` aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal, ref: false }).catch(() => undefined)
  }
}
