import type { Duplex } from 'node:stream'
import { closeCodes, Tunnel } from './tunnel.ts'

/** All open WebSockets of a door. One timer looks after them together. */
export class Tunnels {
  readonly #open = new Set<Tunnel>()
  readonly #max: number
  readonly #timer: NodeJS.Timeout

  constructor(options: { readonly max: number; readonly pingMs: number }) {
    this.#max = options.max
    this.#timer = setInterval(() => {
      for (const tunnel of this.#open) tunnel.look()
    }, options.pingMs).unref()
  }

  get isFull(): boolean {
    return this.#open.size >= this.#max
  }

  get size(): number {
    return this.#open.size
  }

  join(caller: Duplex, service: Duplex, onClosed: () => void): Tunnel {
    const tunnel = new Tunnel(caller, service, () => {
      this.#open.delete(tunnel)
      onClosed()
    })
    this.#open.add(tunnel)
    return tunnel
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const tunnel of this.#open) tunnel.close(closeCodes.goingAway)
  }
}
