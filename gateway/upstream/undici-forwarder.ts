import { Deadlines } from './deadlines.ts'
import { Exchange } from './exchange.ts'
import type { Forwarder } from './forwarder.ts'

/** Streams requests to services through undici's `dispatch`. */
export function undiciForwarder(): Forwarder {
  const deadlines = new Deadlines()
  return {
    forward(forwarding) {
      const exchange = new Exchange(forwarding, deadlines)
      exchange.begin()
      return exchange
    },
  }
}
