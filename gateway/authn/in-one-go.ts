/** Then others get their turn of the event loop, after some 5 ms. */
const mostInOneGo = 64

/**
 * Does all that was asked for in one turn of the event loop in one go, at its end. To check signatures one by one between
 * other work costs a request with a new token a sixth more: the tables of the curve (150 kB) and all that requests need
 * drive each other out of the processor's cache.
 */
export class InOneGo {
  #waiting: (() => void)[] = []

  /** @param work what it throws or rejects with, the promise rejects with. */
  do<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#waiting.length === 0) setImmediate(this.#go)
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  readonly #go = (): void => {
    const now = this.#waiting
    this.#waiting = now.length > mostInOneGo ? now.splice(mostInOneGo) : []
    if (this.#waiting.length > 0) setImmediate(this.#go)
    for (const work of now) work()
  }
}
