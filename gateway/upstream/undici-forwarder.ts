import { Exchange } from './exchange.ts'
import type { Forwarder } from './forwarder.ts'

/** Streams requests to services through undici's `dispatch`. */
export const undiciForwarder: Forwarder = {
  forward(forwarding) {
    const exchange = new Exchange(forwarding)
    exchange.begin()
    return exchange
  },
}
