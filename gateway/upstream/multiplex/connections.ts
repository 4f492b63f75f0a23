import type { ClientHttp2Session } from 'node:http2'
import { NotShared } from './connect.ts'
import { SharedConnection } from './connection.ts'

/** As with other connections: after this a name that has moved is followed, and a service is asked again what it can. */
const lifeMs = 300_000
/** That wait for one connection. */
const waitersPerConnection = 100

/** What becomes of somebody who waits for a connection. */
export interface Waiter {
  send(on: SharedConnection): void
  /** WebSockets do not share connections there. */
  alone(): void
  fail(error: Error): void
}

/** The connections to one target that WebSockets share: few for a thousand of them (docs/performance.md). */
export class SharedConnections {
  readonly #connect: () => Promise<ClientHttp2Session>
  readonly #connections = new Set<SharedConnection>()
  readonly #waiting: Waiter[] = []
  /** Those of them that have waited for one that failed. */
  readonly #again = new WeakSet<Waiter>()
  #connecting = 0
  #aloneUntil = 0
  #isRetired = false
  #hasServed = false

  constructor(connect: () => Promise<ClientHttp2Session>) {
    this.#connect = connect
  }

  give(waiter: Waiter): void {
    if (this.#isRetired || performance.now() < this.#aloneUntil) return waiter.alone()
    const known = this.#withRoom()
    if (known !== undefined) return waiter.send(known)
    this.#waiting.push(waiter)
    if (this.#waiting.length > this.#connecting * waitersPerConnection) void this.#open()
  }

  /** A WebSocket is open on one of them. */
  opened(): void {
    this.#hasServed = true
  }

  /** The service wants this one to come alone: all, if it never had it otherwise. */
  sentBack(): void {
    if (!this.#hasServed) this.refused()
  }

  /** The service wants its WebSockets to come alone. */
  refused(): void {
    this.#aloneUntil = performance.now() + lifeMs
  }

  /** Nothing new; each connection ends with the last WebSocket on it. */
  retire(): void {
    this.#isRetired = true
    for (const connection of this.#connections) connection.retire()
  }

  #withRoom(): SharedConnection | undefined {
    for (const connection of this.#connections) {
      if (connection.isOver) this.#connections.delete(connection)
      else if (connection.hasRoom(lifeMs)) return connection
    }
    return undefined
  }

  async #open(): Promise<void> {
    this.#connecting++
    try {
      const connection = new SharedConnection(await this.#connect())
      this.#connecting--
      this.#connections.add(connection)
      // Otherwise the next one would be opened, and the next.
      if (!connection.hasRoom(lifeMs)) this.refused()
      this.#letIn()
      if (this.#isRetired) connection.retire()
    } catch (error) {
      this.#connecting--
      if (error instanceof NotShared) {
        this.refused()
        this.#letIn()
      } else this.#turnAway(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #letIn(): void {
    for (const waiter of this.#waiting.splice(0)) this.give(waiter)
  }

  /**
   * One connection that fails is one failure, and no hundred of them, at which the breaker opens: whoever else waited for it
   * waits for another one, once.
   */
  #turnAway(error: Error): void {
    const waited = this.#waiting.splice(0, waitersPerConnection)
    const twice = waited.filter((waiter) => this.#again.has(waiter))
    const failed = new Set(twice.length > 0 ? twice : waited.slice(0, 1))
    for (const waiter of failed) waiter.fail(error)
    for (const waiter of waited) {
      if (failed.has(waiter)) continue
      this.#again.add(waiter)
      this.give(waiter)
    }
  }
}
