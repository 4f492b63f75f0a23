/** How much the entries of a generation may weigh together, and what one weighs. */
export interface EvidenceWeight<V> {
  readonly most: number
  of(value: V): number
}

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
  readonly #weight: EvidenceWeight<V> | undefined
  /** Of what was taken into the young generation; what was deleted since counts until it is full. */
  #weighs = 0

  /**
   * @param generation Entries per generation; at most twice as many are held.
   * @param weight A second bound, for entries that differ in size; the same for each generation.
   */
  constructor(generation: number, weight?: EvidenceWeight<V>) {
    this.#weight = weight
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
    const weighs = this.#weight?.of(value) ?? 0
    const isFull = this.#young.size >= this.#generation
    if (isFull || (this.#weight !== undefined && this.#weighs + weighs > this.#weight.most)) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weighs = 0
    }
    this.#weighs += weighs
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
    this.#weighs = 0
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
