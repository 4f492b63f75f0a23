import type { UpstreamConfig } from '@gatehouse/kit/config/types'

/** Why a request did not get its turn. */
export type NoTurn = 'full' | 'late'

interface Waiter {
  readonly run: () => void
  readonly timer: NodeJS.Timeout
}

/** At most so many requests at one time; a few more wait for a short while, and everything beyond is turned away. */
export class Concurrency {
  readonly #config: UpstreamConfig['concurrency']
  readonly #waiting = new Set<Waiter>()
  #active = 0

  constructor(config: UpstreamConfig['concurrency']) {
    this.#config = config
  }

  /**
   * @param run called at once or later, when it is the request's turn; it must `leave` at its end.
   * @param refuse called instead.
   * @returns gives a place in the queue up; nothing if there is none to give up.
   */
  enter(run: () => void, refuse: (why: NoTurn) => void): (() => void) | undefined {
    if (this.#active < this.#config.max) {
      this.#active++
      run()
      return undefined
    }
    if (this.#waiting.size >= this.#config.queue) {
      refuse('full')
      return undefined
    }
    return this.#wait(run, refuse)
  }

  leave(): void {
    this.#active--
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    clearTimeout(next.timer)
    this.#active++
    // Not from within the end of another request, or a thousand that fail at once would pile up on the stack.
    setImmediate(next.run)
  }

  #wait(run: () => void, refuse: (why: NoTurn) => void): () => void {
    const giveUp = (): void => {
      this.#waiting.delete(waiter)
      clearTimeout(waiter.timer)
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(waiter)
      refuse('late')
    }, this.#config.waitMs)
    const waiter: Waiter = { run, timer }
    this.#waiting.add(waiter)
    return giveUp
  }
}
