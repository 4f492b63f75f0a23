const ways = 8
const buckets = 4_096

/**
 * Which proven tokens came lately for the first time. Most of a flood of new tokens never come again, and to keep the proof
 * of each would cost more memory and garbage collection than it saves. So of the first time nothing is kept but four bytes,
 * in a table of 128 kB for the last 32,000: what comes again is known by them, and its proof is worth keeping.
 *
 * It decides what is remembered, never what is good: two tokens with the same four bytes cost a little memory.
 */
export class SeenOnce {
  readonly #marks = new Int32Array(buckets * ways)
  readonly #oldest = new Uint8Array(buckets)

  has(signature: Buffer): boolean {
    const at = bucketOf(signature) * ways
    const mark = markOf(signature)
    for (let way = at; way < at + ways; way++) if (this.#marks[way] === mark) return true
    return false
  }

  /** In the place of the one of its bucket that has been there longest. */
  add(signature: Buffer): void {
    const bucket = bucketOf(signature)
    const way = this.#oldest[bucket] ?? 0
    this.#marks[bucket * ways + way] = markOf(signature)
    this.#oldest[bucket] = (way + 1) % ways
  }
}

/** The bytes of a good signature are as good as random. */
function bucketOf(signature: Buffer): number {
  return signature.readUInt16LE(4) % buckets
}

/** Never 0, which is an empty place. */
function markOf(signature: Buffer): number {
  return signature.readInt32LE(0) | 1
}
