import type { CounterChild, Family, Labels } from '@gatehouse/kit/metrics'

/** So many of those that are gone are still shown: what they counted last has to be read. */
const mostGone = 100

/** The series of targets. A name that is looked up again and again may have ever new addresses, each a target. */
export class TargetSeries {
  readonly #families: readonly Family<CounterChild>[]
  /** How many targets count in them: one may be back before it has left. */
  readonly #there = new Map<string, number>()
  /** The one that has been for longest is first. */
  readonly #gone = new Map<string, Labels>()

  constructor(families: readonly Family<CounterChild>[]) {
    this.#families = families
  }

  /** A target counts there from now on. @returns to be called when it does no more. */
  open(upstream: string, target: string): () => void {
    const key = JSON.stringify([upstream, target])
    this.#gone.delete(key)
    this.#there.set(key, (this.#there.get(key) ?? 0) + 1)
    let isOpen = true
    return () => {
      if (isOpen) this.#leave(key, { upstream, target })
      isOpen = false
    }
  }

  #leave(key: string, labels: Labels): void {
    const others = (this.#there.get(key) ?? 1) - 1
    if (others > 0) return void this.#there.set(key, others)
    this.#there.delete(key)
    this.#gone.set(key, labels)
    for (const [oldest, those] of this.#gone) {
      if (this.#gone.size <= mostGone) return
      this.#gone.delete(oldest)
      for (const family of this.#families) family.forget(those)
    }
  }
}
