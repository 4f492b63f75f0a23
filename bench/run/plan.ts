/** Parts of a second that a case gets at least, and at most, of each second that it was planned with. */
const least = 0.3

export interface PlanOptions {
  /** What is to be measured, in its order, with the seconds that it takes in a default run. */
  readonly seconds: ReadonlyMap<string, number>
  /** Those of them that have targets: they are measured even when the time is over. */
  readonly judged: ReadonlySet<string>
  /** Milliseconds of Date.now() at which everything should be done. */
  readonly end: number
  /** How many times longer than planned a case may be where there is time. */
  readonly most: number
  readonly now?: () => number
}

/** Shares the time of a run out among its cases: who is late takes from those to come, who is early leaves them more. */
export class Plan {
  readonly #left: Map<string, number>
  readonly #options: PlanOptions
  readonly #now: () => number
  #until: number

  constructor(options: PlanOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#left = new Map(options.seconds)
    this.#until = this.#now()
  }

  /** Seconds that a case that has not begun gets, as things stand. */
  secondsOf(key: string): number {
    return (this.#left.get(key) ?? 0) * this.#scale()
  }

  /** Begins these cases together. @returns milliseconds of Date.now() until which they may take */
  begin(...keys: readonly string[]): number {
    const seconds = keys.reduce((sum, key) => sum + this.secondsOf(key), 0)
    for (const key of keys) this.#left.delete(key)
    this.#until = this.#now() + seconds * 1000
    return this.#until
  }

  /** Whether there is time for a case, or it has to be measured anyway. */
  allows(key: string): boolean {
    return this.#options.judged.has(key) || this.#now() <= this.#options.end
  }

  /** Milliseconds of Date.now() at which the run will be done, as things stand. */
  get expectedEnd(): number {
    return Math.max(this.#until, this.#now()) + this.#sum() * this.#scale() * 1000
  }

  #sum(): number {
    return [...this.#left.values()].reduce((sum, seconds) => sum + seconds, 0)
  }

  #scale(): number {
    const scale = (this.#options.end - this.#now()) / 1000 / this.#sum()
    return Math.min(Math.max(scale, least), this.#options.most)
  }
}
