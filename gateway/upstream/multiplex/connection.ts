import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'

const keptIdleMs = 60_000
const streamsAtMost = 100
/** A turn of the service's event loop answers a ping. */
const aliveMs = 1_000

/** One connection to a service, and the WebSockets on it. */
export class SharedConnection {
  readonly #session: ClientHttp2Session
  readonly #openedAt = performance.now()
  #open = 0
  #idle: NodeJS.Timeout | undefined
  #isAsked = false

  constructor(session: ClientHttp2Session) {
    this.#session = session
    this.#waitIdle()
  }

  get isOver(): boolean {
    return this.#session.closed || this.#session.destroyed
  }

  /** @param lifeMs beyond it nothing new is begun. */
  hasRoom(lifeMs: number): boolean {
    const most = Math.min(streamsAtMost, this.#session.remoteSettings.maxConcurrentStreams ?? streamsAtMost)
    return !this.isOver && this.#open < most && performance.now() - this.#openedAt < lifeMs
  }

  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#session.request(headers, { endStream: false })
    clearTimeout(this.#idle)
    this.#open++
    stream.once('close', () => {
      this.#open--
      if (this.#open === 0) this.#waitIdle()
    })
    return stream
  }

  /** Somebody had no answer on it: if it is the connection that is silent, nothing new is begun there. */
  doubt(): void {
    if (this.#isAsked || this.isOver) return
    this.#isAsked = true
    const silent = setTimeout(() => this.retire(), aliveMs).unref()
    this.#session.ping(() => {
      this.#isAsked = false
      clearTimeout(silent)
    })
  }

  /** Ends it as soon as nothing is open. */
  retire(): void {
    this.#session.close()
  }

  #waitIdle(): void {
    this.#idle = setTimeout(() => this.retire(), keptIdleMs).unref()
  }
}
