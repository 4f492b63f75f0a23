/**
 * Remembers what was proven about a key, in bounded memory. Two generations: when the young one is full it
 * becomes the old one, and what was not asked for since is forgotten. A look-up costs one or two Map reads.
 *
 * It holds evidence (a signature was good), never a verdict: what can change between two requests, such as
 * time or who presents the token, is checked on every hit by whoever uses it.
 */
export class EvidenceCache<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  readonly #generation: number

  /** @param generation Entries per generation; at most twice as many are held. */
  constructor(generation: number) {
    if (!Number.isInteger(generation) || generation < 1) {
      throw new TypeError('a generation holds at least one entry')
    }
    this.#generation = generation
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
