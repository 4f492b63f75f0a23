/** First come, first served: one at a time, the others wait, but not for ever. */
export class Line {
  readonly #timeoutMs: number
  readonly #tooLong: () => Error
  readonly #waiting = new Set<() => void>()
  #busy = false

  constructor(timeoutMs: number, tooLong: () => Error) {
    this.#timeoutMs = timeoutMs
    this.#tooLong = tooLong
  }

  /** To be followed by `leave`, unless it throws. @throws `tooLong` */
  async enter(): Promise<void> {
    if (!this.#busy) {
      this.#busy = true
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#waiting.delete(turn)
      reject(this.#tooLong())
    }, this.#timeoutMs)
    const turn = (): void => {
      clearTimeout(timer)
      resolve()
    }
    this.#waiting.add(turn)
    await promise
  }

  /** The turn is handed on, so that nobody who comes in between gets ahead. */
  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#busy = false
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
