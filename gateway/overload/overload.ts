import type { Priority } from '@gatehouse/kit/config/types'

/** Whoever gives way first comes first. Whoever is signing in is nearer to the end of their patience than the work of it. */
const order = ['low', 'normal', 'high', 'sessions'] as const

export type Yielding = Priority | (typeof order)[number]

/** From this level on a request of the kind is refused. */
export function yieldsAt(kind: Yielding): number {
  return order.indexOf(kind) + 1
}

/** A single long pause, such as the collection of garbage, is no overload. */
const looks = 3

/**
 * How many kinds of requests are refused because the event loop is late: at the threshold those of low priority, at
 * twice of it normal ones too, then high ones, then sign-in. A kind is let in again, one at a time, when the lag is
 * below half of what shut it out; without that a gateway at its limit would open and close at every look.
 */
export class Overload {
  readonly #thresholds: readonly number[]
  #last: readonly number[] = []
  #level = 0

  /** @param thresholdMs Infinity: never. */
  constructor(thresholdMs: number) {
    this.#thresholds = order.map((_, at) => thresholdMs * 2 ** at)
  }

  /** 0: everybody is served. */
  get level(): number {
    return this.#level
  }

  /** The middle one of the last looks. */
  get lagMs(): number {
    return this.#last.toSorted((a, b) => a - b)[Math.floor(this.#last.length / 2)] ?? 0
  }

  look(lagMs: number): void {
    this.#last = [...this.#last, lagMs].slice(-looks)
    if (this.#last.length < looks) return
    const { lagMs: lag } = this
    const reached = this.#thresholds.filter((threshold) => lag >= threshold).length
    const leaves = (this.#thresholds[this.#level - 1] ?? 0) / 2
    if (reached > this.#level) this.#level = reached
    else if (lag < leaves) this.#level -= 1
  }
}
