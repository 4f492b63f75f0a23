import type { Target } from './target.ts'

/** What a target that has just come back gets of its share at least; with nothing, it would never warm up. */
const least = 0.1

/** How requests are to be shared out: by weight, and little at first to a target that has come back. */
export class Shares {
  readonly #slowStartMs: number
  readonly #even = new WeakMap<readonly Target[], boolean>()

  constructor(slowStartMs: number) {
    this.#slowStartMs = slowStartMs
  }

  /** The share of a target, by the clock: it grows from a tenth over `slowStartMs` after the target came back. */
  of(target: Target, now: number): number {
    if (!this.#isWarming(target, now)) return target.weight
    return target.weight * Math.max(least, (now - target.returnedAt) / this.#slowStartMs)
  }

  /** Whether all get the same, so that nobody needs to look at each of a thousand; false while one of them warms up. */
  areEven(targets: readonly Target[], now: number): boolean {
    const known = this.#even.get(targets)
    if (known !== undefined) return known
    if (targets.some((target) => this.#isWarming(target, now))) return false
    const even = targets.every(({ weight }) => weight === targets[0]?.weight)
    this.#even.set(targets, even)
    return even
  }

  /** Not by a clock that was set back since: it would be for as much longer. */
  #isWarming({ returnedAt }: Target, now: number): boolean {
    return now >= returnedAt && now - returnedAt < this.#slowStartMs
  }
}
