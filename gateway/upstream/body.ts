import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { LimitedBody } from './limited-body.ts'

/** The body of a request as it is passed on; null when it has none. */
export function bodyOf(request: IncomingMessage, maxBytes: number): Readable | null {
  if (request.headers['transfer-encoding'] !== undefined) return limited(request, maxBytes)
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
