import { setTimeout as delay } from 'node:timers/promises'

const firstMs = 30
const growth = 1.5
const lastMs = 5000

/** Pauses between tries: each half as long again as the one before, up to 5 s, and by chance up to half shorter. */
export class Backoff {
  #failures = 0

  reset(): void {
    this.#failures = 0
  }

  /** Waits. Resolves early when `signal` aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const full = Math.min(firstMs * growth ** this.#failures, lastMs)
    this.#failures += 1
    // All gateways lost the same IdP at the same moment; they should not come back at the same moment, too.
    const ms = full * (0.5 + Math.random() / 2)
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined)
  }
}
