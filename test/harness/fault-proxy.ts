import { createServer, connect, type Server, type Socket } from 'node:net'

/** A TCP proxy that does to connections what networks do. Answers are what comes back from the target. */
export class FaultProxy {
  readonly #server: Server
  readonly #targetPort: number
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #isCut = false
  #isStalled = false
  #answerBytesLeft = Infinity

  private constructor(server: Server, targetPort: number) {
    this.#server = server
    this.#targetPort = targetPort
    server.on('connection', (socket) => this.#connect(socket))
  }

  static async start(
    t: { teardown(run: () => Promise<void>): unknown },
    ports: { readonly listen: number; readonly target: number },
  ): Promise<FaultProxy> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(ports.listen, 'localhost', resolve)
    })
    const proxy = new FaultProxy(server, ports.target)
    t.teardown(() => proxy.stop())
    return proxy
  }

  /** Resets every connection, and new ones as they come. */
  cut(): void {
    this.#isCut = true
    this.#resetAll()
  }

  /** Resets every connection once; new ones work. */
  reset(): void {
    this.#resetAll()
  }

  /** Resets everything after so many more bytes of answers: in the middle of one. Once. */
  cutAfterAnswerBytes(bytes: number): void {
    this.#answerBytesLeft = bytes
  }

  /** Swallows all bytes, both ways: the connection looks alive. */
  stall(): void {
    this.#isStalled = true
  }

  heal(): void {
    this.#isCut = false
    this.#isStalled = false
    this.#answerBytesLeft = Infinity
    // What was swallowed is missing for ever.
    this.#resetAll()
  }

  async stop(): Promise<void> {
    this.#resetAll()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #connect(caller: Socket): void {
    if (this.#isCut) return void caller.resetAndDestroy()
    const target = connect({ port: this.#targetPort, host: 'localhost', noDelay: true })
    const pair = [caller, target] as const
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      caller.destroy()
      target.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    caller.on('data', (chunk) => this.#isStalled || target.write(chunk))
    target.on('data', (chunk) => this.#answer(caller, chunk))
  }

  #answer(caller: Socket, chunk: Buffer): void {
    if (this.#isStalled) return
    const part = chunk.subarray(0, this.#answerBytesLeft)
    this.#answerBytesLeft -= part.length
    caller.write(part)
    if (this.#answerBytesLeft > 0) return
    this.#answerBytesLeft = Infinity
    setImmediate(() => this.#resetAll())
  }

  #resetAll(): void {
    for (const [caller, target] of this.#pairs) {
      caller.resetAndDestroy()
      target.destroy()
    }
    this.#pairs.clear()
  }
}
