import type { OnReadOpts, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { buildConnector } from 'undici'

/** All connections are read into it, one after the other; what was read is copied out before the next read. */
const into = Buffer.allocUnsafeSlow(64 * 1024)

const readers = new WeakMap<Duplex, DirectReads>()

/**
 * Connections whose bytes go straight to undici's parser, which wants `readable` and `read()` and nothing else of a stream:
 * without a buffer of 64 kB, a place in the stream's queue and a turn of the event loop for each answer, a tenth of what a
 * request costs (docs/performance.md). And no end of a connection reaches a parser that is paused: undici 7 takes that for
 * an assertion that failed, which ends the process (nodejs/undici#5360).
 * @param build makes a connector of undici's with these options besides its own.
 */
export function directly(
  build: (options: { readonly onread: OnReadOpts }) => buildConnector.connector,
): buildConnector.connector {
  return (options, callback) => {
    const reads = new DirectReads()
    build({ onread: reads.onread })(options, (...result) => {
      if (result[0] === null) reads.serve(result[1])
      callback(...result)
    })
  }
}

/** Makes a stream like any other of a connection that undici has given away (`onUpgrade`). */
export function asStream(socket: Duplex): Duplex {
  readers.get(socket)?.release()
  return socket
}

class DirectReads {
  readonly onread: OnReadOpts = { buffer: into, callback: (size) => this.#arrived(size) }
  #socket: Socket | undefined
  /** What nobody has taken yet. */
  readonly #waiting: Buffer[] = []
  /** The parser has asked for more than there was. It does not while it is paused. */
  #isAsked = false
  /** Node does not read on until it is asked to. Over TLS a record that it had read already may still come. */
  #isHeld = false
  #hasEnded = false
  #isReleased = false
  #readOn: () => void = () => undefined
  #end: () => void = () => undefined

  serve(socket: Socket): void {
    this.#socket = socket
    readers.set(socket, this)
    const read = socket.read.bind(socket)
    const push = socket.push.bind(socket)
    const unshift = socket.unshift.bind(socket)
    const destroy = socket.destroy.bind(socket)
    this.#readOn = () => void read(0)
    this.#end = () => void push(null)
    // With a size it is Node that asks: for the end, or to go on.
    socket.read = (size?: number): unknown =>
      size === undefined && !this.#isReleased ? this.#take() : read(size)
    socket.push = (chunk: unknown): boolean =>
      chunk === null && this.#isPaused ? this.#endLater() : push(chunk)
    socket.unshift = (chunk: Buffer): void => (this.#isReleased ? unshift(chunk) : this.#putBack(chunk))
    socket.destroy = (error?: Error): Socket => destroy(this.#isPaused ? withoutCode(error) : error)
  }

  release(): void {
    this.#isReleased = true
    for (const chunk of this.#waiting.splice(0).toReversed()) this.#socket?.unshift(chunk)
    this.#goOn()
  }

  get #isPaused(): boolean {
    return !this.#isAsked && !this.#isReleased
  }

  /** @returns whether more may be read */
  #arrived(size: number): boolean {
    const chunk = Buffer.allocUnsafe(size)
    into.copy(chunk, 0, 0, size)
    if (this.#isReleased) return this.#socket?.push(chunk) ?? false
    this.#waiting.push(chunk)
    this.#isAsked = false
    this.#socket?.emit('readable')
    this.#isHeld = this.#waiting.length > 0
    return !this.#isHeld
  }

  #take(): Buffer | null {
    const chunk = this.#waiting.shift()
    this.#isAsked = chunk === undefined
    // Not at once: the parser may pause again over what it has.
    if (this.#isAsked && (this.#isHeld || this.#hasEnded)) process.nextTick(() => this.#goOn())
    return chunk ?? null
  }

  #putBack(chunk: Buffer): void {
    this.#isAsked = false
    if (chunk.length > 0) this.#waiting.unshift(chunk)
  }

  #endLater(): false {
    this.#hasEnded = true
    return false
  }

  #goOn(): void {
    if (this.#waiting.length > 0) return
    if (this.#isHeld) {
      this.#isHeld = false
      this.#readOn()
    }
    if (this.#hasEnded && !this.#isPaused) {
      this.#hasEnded = false
      this.#end()
      this.#readOn()
    }
  }
}

/** At ECONNRESET too undici has a paused parser finish, which is the same assertion. */
function withoutCode(error: Error | undefined): Error | undefined {
  const isReset = error !== undefined && 'code' in error && error.code === 'ECONNRESET'
  return isReset ? new Error('the connection was reset', { cause: error }) : error
}
