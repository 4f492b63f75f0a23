import net from 'node:net'
import tls from 'node:tls'
import { AnswerReader } from './answer.ts'
import type { Expectation } from './answer.ts'
import type { Job } from './job.ts'

export interface ConnectionEvents {
  answered(connection: Connection, fault: string | undefined): void
  lost(connection: Connection, reason: string): void
}

/** One keep-alive connection with at most one request under way, read into one reused buffer. */
export class Connection {
  readonly index: number
  readonly #reader: AnswerReader
  readonly #events: ConnectionEvents
  readonly #job: Job
  #socket: net.Socket
  #closed = false
  /** Milliseconds of performance.now() from which the request under way counts. */
  due = 0

  constructor(index: number, job: Job, expect: Expectation, events: ConnectionEvents) {
    this.index = index
    this.#job = job
    this.#events = events
    this.#reader = new AnswerReader(expect, job.chain !== undefined)
    this.#socket = this.#open()
  }

  get body(): string {
    return this.#reader.body
  }

  async ready(): Promise<void> {
    if (!this.#socket.connecting) return
    const event = this.#job.tls === undefined ? 'connect' : 'secureConnect'
    await new Promise<void>((resolve) => this.#socket.once(event, resolve).once('close', () => resolve()))
  }

  send(request: Buffer, due: number): void {
    this.due = due
    this.#socket.write(request)
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #open(): net.Socket {
    const { host, port, tls: material } = this.#job
    const onread = {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback: (bytes: number, buffer: Uint8Array): boolean => {
        this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
        return true
      },
    }
    const socket =
      material === undefined
        ? net.connect({ host, port, noDelay: true, onread })
        : tls.connect({
            host,
            port,
            ...material,
            servername: 'localhost',
            checkServerIdentity: () => undefined,
          })
    if (material !== undefined) socket.setNoDelay(true).on('data', (chunk: Buffer) => this.#read(chunk))
    let reason = 'connection closed'
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message
    })
    socket.on('close', () => {
      if (!this.#closed) this.#events.lost(this, reason)
    })
    return socket
  }

  #read(chunk: Buffer): void {
    if (this.#reader.push(chunk)) this.#events.answered(this, this.#reader.fault)
  }
}
