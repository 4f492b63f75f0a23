import type { Dispatcher } from 'undici'
import type { TargetConfig } from '@gatehouse/kit/config/types'
import type { CounterChild } from '@gatehouse/kit/metrics'
import { hashOf } from './balance/hash.ts'
import type { RenewedPool } from './renewed-pool.ts'
import type { SharedConnections } from './multiplex/connections.ts'
import { type AnswerHandler, dispatchShared } from './multiplex/dispatch.ts'

/** How an attempt went, as far as the target is to blame. */
export type Outcome =
  /** It answered. */
  | 'ok'
  /** It answered that it cannot: 502, 503, 504. */
  | 'unwell'
  /** It could not be reached, gave no proper answer, or none in time. */
  | 'failed'
  /** The caller left or was at fault: this says nothing about the target. */
  | 'void'

/** A request as undici takes it. */
export interface Sending extends Dispatcher.DispatchOptions {
  readonly headers: string[]
  readonly upgrade: 'websocket' | null
}

type Handler = AnswerHandler & Dispatcher.DispatchHandler

export interface TargetParts {
  readonly pool: RenewedPool
  readonly shared: SharedConnections | undefined
  /** Attempts by how they went. */
  readonly counters: Readonly<Record<Outcome, CounterChild>>
  /** Called when nothing is sent to it any more and all has ended, perhaps more than once. */
  readonly gone: () => void
}

/** One address of a service. */
export class Target {
  /** Its URL, with the address where a name has several. */
  readonly id: string
  /** Of the id, for what is shared out by hash. */
  readonly hash: number
  readonly weight: number
  readonly canary: boolean
  readonly pool: RenewedPool
  /** For WebSockets. */
  readonly shared: SharedConnections | undefined
  /** Requests that it has not finished. */
  inFlight = 0
  /** Its health checks failed. */
  isUnhealthy = false
  /** Taken out for a while because requests failed. */
  isEjected = false
  failuresInRow = 0
  /** Ejections in a row, each longer than the one before. */
  ejections = 0
  /** When it came back, in milliseconds since the epoch; it was there from the start: -Infinity. */
  returnedAt = -Infinity
  /** State of the smooth round-robin. */
  credit = 0
  /** What requests to it name (`:authority`). */
  readonly #host: string
  readonly #counters: Readonly<Record<Outcome, CounterChild>>
  readonly #gone: () => void

  constructor(config: TargetConfig, id: string, parts: TargetParts) {
    this.id = id
    this.hash = hashOf(id)
    this.#host = new URL(config.url).host
    this.weight = config.weight
    this.canary = config.canary
    this.pool = parts.pool
    this.shared = parts.shared
    this.#gone = parts.gone
    this.#counters = parts.counters
  }

  get isUsable(): boolean {
    return !this.isUnhealthy && !this.isEjected
  }

  /** On a connection of its own for as long as it takes; a WebSocket shares one, where the service can (RFC 8441). */
  dispatch(sending: Sending, handler: Handler): void {
    if (this.shared === undefined || sending.upgrade === null) this.pool.current.dispatch(sending, handler)
    else this.#share(this.shared, sending, handler)
  }

  #share(shared: SharedConnections, sending: Sending, handler: Handler): void {
    const { path, headers, bodyTimeout } = sending
    const idleMs = bodyTimeout ?? 0
    const alone = (): void => void this.pool.current.dispatch(sending, handler)
    dispatchShared(shared, { host: this.#host, path, headers, handler, idleMs, alone })
  }

  begin(): void {
    this.inFlight++
  }

  finish(outcome: Outcome): void {
    this.inFlight--
    this.#counters[outcome].inc()
  }

  /** Lets what is under way end, for as long; nothing new is begun. */
  async drain(graceMs: number): Promise<void> {
    this.shared?.retire()
    const { promise: cut, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => resolve(this.pool.destroy()), graceMs).unref()
    // What waits for a connection when a pool is destroyed keeps undici from saying that it has closed.
    await Promise.race([this.pool.close(), cut]).finally(() => clearTimeout(timer))
    this.#gone()
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    this.shared?.retire()
    await this.pool.destroy()
    this.#gone()
  }
}
