import type { IncomingMessage } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { InflatedBody } from './inflated-body.ts'
import { LimitedBody } from './limited-body.ts'

/** The body of a request as it is passed on; null when it has none. */
export function bodyOf(
  request: IncomingMessage,
  maxBytes: number,
  maxInflatedBytes: number | undefined,
): Readable | null {
  const isUnstated = request.headers['transfer-encoding'] !== undefined
  if (!isUnstated && declaredLength(request) === 0) return null
  // A body of unstated length is counted while it passes; the parser holds the others to what they stated.
  const body = isUnstated ? through(request, new LimitedBody(maxBytes)) : request
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || maxInflatedBytes === undefined || encoding.toLowerCase() === 'identity')
    return body
  return through(body, new InflatedBody(encoding, maxInflatedBytes))
}

function through(body: Readable, measure: Transform): Readable {
  body.once('error', (error) => measure.destroy(error))
  // It may fail while nobody reads it: before its turn comes, or after an answer. Whoever reads it then is told.
  measure.on('error', () => undefined)
  return body.pipe(measure)
}

/** Bytes that the request says its body has; 0 when it says nothing. */
function declaredLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0)
}
