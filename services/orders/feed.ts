import { Readable } from 'node:stream'
import type { Order } from './order.ts'

const beatMs = 15_000
const mostOfOwner = 10
const mostBytes = 64 * 1024

/**
 * Server-sent events about orders, to their owners, from now on: who follows reads the list after it has begun. It knows
 * what this process did; several processes of this service would share it through their database.
 */
export class OrderFeed {
  readonly #streams = new Map<string, Set<Readable>>()
  readonly #timer: NodeJS.Timeout

  constructor() {
    // Keeps the connection alive through whatever ends silent ones, and finds out who has left.
    this.#timer = setInterval(() => this.#beat(), beatMs).unref()
  }

  /** A stream for this owner; nothing when the owner has too many already. */
  open(owner: string): Readable | undefined {
    const streams = this.#streams.get(owner) ?? new Set()
    if (streams.size >= mostOfOwner) return undefined
    const stream = new Readable({ read: () => undefined })
    streams.add(stream)
    this.#streams.set(owner, streams)
    stream.once('close', () => this.#forget(owner, stream))
    stream.push('retry: 2000\n\n')
    return stream
  }

  placed(order: Order): void {
    this.#tell(order.owner, `event: placed\ndata: ${JSON.stringify(order)}\n\n`)
  }

  cancelled(owner: string, id: string): void {
    this.#tell(owner, `event: cancelled\ndata: ${JSON.stringify({ id })}\n\n`)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const streams of this.#streams.values()) for (const stream of streams) stream.push(null)
  }

  #beat(): void {
    for (const owner of this.#streams.keys()) this.#tell(owner, ':\n\n')
  }

  #tell(owner: string, text: string): void {
    for (const stream of this.#streams.get(owner) ?? []) {
      stream.push(text)
      // Somebody who does not read is let go, rather than kept for.
      if (stream.readableLength > mostBytes) stream.destroy()
    }
  }

  #forget(owner: string, stream: Readable): void {
    const streams = this.#streams.get(owner)
    streams?.delete(stream)
    if (streams?.size === 0) this.#streams.delete(owner)
  }
}
