import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/** Streams within a connection over TLS, and that connection. */
const carriers = new WeakMap<object, TLSSocket>()

/** From now on, whoever is at the other end of `carrier` is at the other end of the stream. */
export function carriedBy(carrier: TLSSocket, stream: Duplex): void {
  carriers.set(stream, carrier)
}

/** The connection over TLS that a request came by, be it a stream within one; undefined: it did not come over TLS. */
export function tlsSocketOf(socket: object): TLSSocket | undefined {
  return socket instanceof TLSSocket ? socket : carriers.get(socket)
}
