import { isStoreError, StoreError } from './errors.ts'

/** More rows make a statement no cheaper for each of them. */
const most = 32
/** On PostgreSQL two connections; what waits for them meanwhile goes together. */
const runsAtOnce = 2
const maxWaiting = 20_000

export interface TogetherOptions<T, R> {
  /**
   * Asks the store about all of them with one statement that happens as a whole or not at all.
   * @returns the answers by key; a key without one is answered undefined
   */
  readonly run: (items: ReadonlyMap<string, T>) => Promise<ReadonlyMap<string, R>>
  /** Who asks for the same key at the same time: `share` one answer, or `queue` for one each (changes, tries). */
  readonly same: 'share' | 'queue'
}

interface Waiting<T, R> {
  readonly item: T
  readonly promise: Promise<R | undefined>
  readonly resolve: (answer: R | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: what many requests ask of the store in one turn of the event loop goes there in one statement, and each is
 * answered after it was committed. An answer is never older than its question. If the store refuses the statement, each is
 * asked by itself, so that none fails for its neighbour; if the store is lost, all fail.
 */
export class Together<T, R> {
  readonly #options: TogetherOptions<T, R>
  readonly #waiting = new Map<string, Waiting<T, R>[]>()
  #count = 0
  #running = 0
  #scheduled = false

  constructor(options: TogetherOptions<T, R>) {
    this.#options = options
  }

  /** @throws StoreError when the store is lost or falls behind, and whatever it refuses this one with */
  ask(key: string, item: T): Promise<R | undefined> {
    const known = this.#waiting.get(key)
    const [first] = known ?? []
    if (first !== undefined && this.#options.same === 'share') return first.promise
    if (this.#count >= maxWaiting) return Promise.reject(new StoreError('STORE_BACKLOG'))
    const one = { item, ...Promise.withResolvers<R | undefined>() }
    if (known === undefined) this.#waiting.set(key, [one])
    else known.push(one)
    this.#count += 1
    this.#schedule()
    return one.promise
  }

  #schedule(): void {
    if (this.#scheduled || this.#count === 0 || this.#running >= runsAtOnce) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#count > 0 && this.#running < runsAtOnce) void this.#run(this.#take())
    })
  }

  /** The first of each key. */
  #take(): ReadonlyMap<string, Waiting<T, R>> {
    const batch = new Map<string, Waiting<T, R>>()
    for (const [key, queue] of this.#waiting) {
      if (batch.size === most) break
      const first = queue.shift()
      if (first !== undefined) batch.set(key, first)
    }
    for (const key of batch.keys()) {
      const rest = this.#waiting.get(key) ?? []
      this.#waiting.delete(key)
      if (rest.length > 0) this.#waiting.set(key, rest)
    }
    this.#count -= batch.size
    return batch
  }

  async #run(batch: ReadonlyMap<string, Waiting<T, R>>): Promise<void> {
    this.#running += 1
    try {
      const answers = await this.#options.run(new Map(Array.from(batch, ([key, { item }]) => [key, item])))
      for (const [key, { resolve }] of batch) resolve(answers.get(key))
    } catch (error) {
      if (batch.size > 1 && wasUndone(error)) for (const one of batch) await this.#runAlone(one)
      else for (const { reject } of batch.values()) reject(error)
    } finally {
      this.#running -= 1
      this.#schedule()
    }
  }

  async #runAlone([key, { item, resolve, reject }]: readonly [string, Waiting<T, R>]): Promise<void> {
    try {
      resolve((await this.#options.run(new Map([[key, item]]))).get(key))
    } catch (error) {
      reject(error)
    }
  }
}

/** Whether it is certain that nothing happened: refused, or rolled back (SQLSTATE class 40), but not lost on the way. */
function wasUndone(error: unknown): boolean {
  return !isStoreError(error) || error.code.startsWith('40')
}
