/** Parts of a second that a case gets at least, and at most, of each second that it was planned with. */
const least = 0.3
/** A run that has less than this left of each planned second measures only what has targets. */
const late = 0.55

export interface PlanOptions {
  /** What is to be measured, in its order, with the seconds that it takes in a default run. */
  readonly seconds: ReadonlyMap<string, number>
  /** Those of them that have targets: they are measured however late it is. */
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
    return this.#options.judged.has(key) || this.#scale() >= late
  }

  /** By how much what is planned in seconds of its own, such as a warm-up, is to be shortened: 1, or less when it is late. */
  get hurry(): number {
    return Math.min(1, Math.max(late, this.#scale()))
  }

  /** Milliseconds of Date.now() at which the run will be done, as things stand. */
  get expectedEnd(): number {
    return Math.max(this.#until, this.#now()) + this.#sum() * this.#scale() * 1000
  }

  #sum(): number {
    return [...this.#left.values()].reduce((sum, seconds) => sum + seconds, 0)
  }

  #scale(): number {
    const left = (this.#options.end - this.#now()) / 1000
    const sum = this.#sum()
    // With nothing planned any more: whether the time is over.
    const scale = sum === 0 ? Math.sign(left) : left / sum
    return Math.min(Math.max(scale, least), this.#options.most)
  }
}
