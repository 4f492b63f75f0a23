import { Problem } from '@gatehouse/kit/errors'

/** Lets few of many run at the same time; the others wait their turn, and not too many of them. */
export class Turns {
  readonly #atOnce: number
  readonly #waiting: (() => void)[] = []
  readonly #longest: number
  #running = 0

  constructor(options: { readonly atOnce: number; readonly longestQueue: number }) {
    this.#atOnce = options.atOnce
    this.#longest = options.longestQueue
  }

  /** Whether one more would be refused. */
  get isFull(): boolean {
    return this.#running >= this.#atOnce && this.#waiting.length >= this.#longest
  }

  /** @throws Problem `rate_limited` at once, when too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await work()
    } finally {
      // The turn is handed on, so that nobody who comes in between gets ahead.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  #turn(): Promise<void> | undefined {
    if (this.isFull) throw tooMany()
    if (this.#running < this.#atOnce) {
      this.#running += 1
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

export function tooMany(): Problem {
  return new Problem('rate_limited', { headers: { 'retry-after': '1' } })
}
