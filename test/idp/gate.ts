import { Turns } from '../../idp/turns.ts'

/** Lets no password through while it is shut. */
export class Gate extends Turns {
  readonly #asked = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()
  #isShut = false

  constructor() {
    super({ atOnce: 1, longestQueue: 10 })
  }

  /** Somebody waits. */
  get asked(): Promise<void> {
    return this.#asked.promise
  }

  shut(): void {
    this.#isShut = true
  }

  open(): void {
    this.#isShut = false
    this.#opened.resolve()
  }

  override async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isShut) {
      this.#asked.resolve()
      await this.#opened.promise
    }
    return super.take(work)
  }
}
