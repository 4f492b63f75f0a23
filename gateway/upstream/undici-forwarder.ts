import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { Exchange } from './exchange.ts'
import type { Forwarder, Forwarding } from './forwarder.ts'
import { LimitedBody } from './limited-body.ts'

/** Streams requests to services through undici's `dispatch`. */
export const undiciForwarder: Forwarder = {
  forward(forwarding) {
    const target = forwarding.upstream.pick()
    const { method, path, headers } = forwarding
    const body = bodyOf(forwarding)
    target.pool.dispatch({ method, path, headers, body }, new Exchange(forwarding, target))
  },
}

function bodyOf(forwarding: Forwarding): Readable | null {
  const { request, bodyBytes } = forwarding
  if (request.headers['transfer-encoding'] !== undefined) return limited(request, bodyBytes)
  return declaredLength(request) > 0 ? request : null
}

/** A body of unstated length is counted while it passes; the parser holds the others to what they stated. */
function limited(request: IncomingMessage, maxBytes: number): Readable {
  const body = new LimitedBody(maxBytes)
  request.once('error', (error) => body.destroy(error))
  return request.pipe(body)
}

/** Bytes that the request says its body has; 0 when it says nothing. */
function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0)
}
