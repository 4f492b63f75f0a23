import type { Http2Session, ServerHttp2Stream } from 'node:http2'

const known = new WeakMap<Http2Session, Patience>()

/**
 * How long a connection stays open while nothing is sent on it. Node has one such time for all of its streams: it is that of
 * the one which may wait longest, until that one is over.
 */
class Patience {
  readonly #session: Http2Session
  readonly #usualMs: number
  readonly #waits = new Map<ServerHttp2Stream, number>()

  constructor(session: Http2Session, usualMs: number) {
    this.#session = session
    this.#usualMs = usualMs
  }

  last(stream: ServerHttp2Stream, ms: number): void {
    if (stream.destroyed) return
    if (!this.#waits.has(stream)) stream.once('close', () => this.#over(stream))
    this.#waits.set(stream, ms)
    this.#set()
  }

  #over(stream: ServerHttp2Stream): void {
    this.#waits.delete(stream)
    this.#set()
  }

  #set(): void {
    if (!this.#session.destroyed) this.#session.setTimeout(Math.max(this.#usualMs, ...this.#waits.values()))
  }
}

/** @param usualMs how long the connection waits where no stream of it asks for more. */
export function bePatient(session: Http2Session, usualMs: number): void {
  known.set(session, new Patience(session, usualMs))
}

/** Has the connection of a stream wait at least so long, as long as the stream is there. */
export function outlastStream(stream: ServerHttp2Stream, ms: number): void {
  if (stream.session !== undefined) known.get(stream.session)?.last(stream, ms)
}
