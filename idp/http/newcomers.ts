import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

/** A client that sends several requests at once opens its connections within a few milliseconds of each other. */
const lullMs = 8
/** On a server with nothing else to do the first of them may be answered before the second has a connection. */
const aloneMs = 30
const longestMs = 60

/** Requests that were sent by now and have not arrived: their connections are only just made, or not even that. */
export class Newcomers {
  #last = Number.NEGATIVE_INFINITY

  /** To be called for each connection that is accepted. */
  arrived(): void {
    this.#last = performance.now()
  }

  /**
   * Waits until what was sent together with a request is here, at most 60 ms. A server that is busy over connections that
   * last waits for nothing.
   * @param isAlone whether no other request is being served
   */
  async settled(isAlone: boolean): Promise<void> {
    const began = performance.now()
    const alone = isAlone ? began + aloneMs : began
    for (;;) {
      const until = Math.min(Math.max(this.#last + lullMs, alone), began + longestMs)
      const leftMs = until - performance.now()
      if (leftMs <= 0) return
      await sleep(leftMs)
    }
  }
}
