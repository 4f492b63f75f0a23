import { constants, type ServerHttp2Stream } from 'node:http2'

/**
 * Ends streams whose answers are not taken: a window that stays shut holds a request and what is kept for it.
 * Node's own timeout of a stream does not do, since it starts anew with whatever happens on the connection, pings for one.
 */
export class UntakenAnswers {
  /** How much of an answer waited at the last look, if nothing was taken since. */
  readonly #waiting = new Map<ServerHttp2Stream, number>()
  readonly #timer: NodeJS.Timeout

  /** @param everyMs between two looks: a stalled answer is ended after one to two of them. */
  constructor(everyMs: number) {
    this.#timer = setInterval(() => this.#look(), everyMs).unref()
  }

  watch(stream: ServerHttp2Stream): void {
    this.#waiting.set(stream, 0)
    stream.on('drain', () => this.#waiting.set(stream, 0))
    stream.once('close', () => this.#waiting.delete(stream))
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const [stream, before] of this.#waiting) {
      const { writableLength } = stream
      if (writableLength > 0 && writableLength === before) stream.close(constants.NGHTTP2_CANCEL)
      else this.#waiting.set(stream, writableLength)
    }
  }
}
