import type { Duplex } from 'node:stream'
import { closeCodes, Tunnel } from './tunnel.ts'

/** All open WebSockets of a door. One timer looks after them together. */
export class Tunnels {
  readonly #open = new Set<Tunnel>()
  readonly #max: number
  readonly #timer: NodeJS.Timeout
  /** Handshakes under way. */
  #asked = 0
  #isStopped = false

  constructor(options: { readonly max: number; readonly pingMs: number }) {
    this.#max = options.max
    this.#timer = setInterval(() => {
      for (const tunnel of this.#open) tunnel.look()
    }, options.pingMs).unref()
  }

  get isFull(): boolean {
    return this.#open.size + this.#asked >= this.#max
  }

  get size(): number {
    return this.#open.size
  }

  /** A place for one whose service is asked. @returns gives it up: to be called when it is open, or will not be. */
  reserve(): () => void {
    this.#asked++
    return () => this.#asked--
  }

  join(caller: Duplex, service: Duplex, onClosed: () => void): Tunnel {
    const tunnel = new Tunnel(caller, service, () => {
      this.#open.delete(tunnel)
      onClosed()
    })
    this.#open.add(tunnel)
    // Its handshake was under way, and the server waits for it.
    if (this.#isStopped) tunnel.close(closeCodes.goingAway)
    return tunnel
  }

  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    for (const tunnel of this.#open) tunnel.close(closeCodes.goingAway)
  }
}
