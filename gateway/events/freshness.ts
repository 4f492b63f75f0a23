/**
 * How long ago the transmitters were last heard. Measured on the process's own clock: the time of day may be set.
 */
export class Freshness {
  readonly #maxStalenessMs: number
  readonly #heard = new Map<string, number>()

  constructor(options: { readonly maxStalenessMs: number; readonly transmitters: readonly string[] }) {
    this.#maxStalenessMs = options.maxStalenessMs
    for (const transmitter of options.transmitters) this.#heard.set(transmitter, -Infinity)
  }

  /** Everything that a transmitter had to say until `at` (of `performance.now()`) is applied. */
  heard(transmitter: string, at: number): void {
    this.#heard.set(transmitter, at)
  }

  /** Milliseconds since the transmitter that has been silent for the longest was heard; infinite before the first time. */
  age(): number {
    let oldest = Infinity
    for (const at of this.#heard.values()) oldest = Math.min(oldest, at)
    return oldest === Infinity ? 0 : performance.now() - oldest
  }

  isStale(): boolean {
    return this.#heard.size > 0 && this.age() > this.#maxStalenessMs
  }
}
