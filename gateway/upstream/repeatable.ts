/** Methods that do the same when they are done twice (RFC 9110 section 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** The connection broke; the service may or may not have seen the request. */
const broken: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * Whether a failed attempt may be made again: nothing of it was sent, or it does no harm twice and needs no body that
 * is gone. What answered garbage or nothing in time is not asked again.
 */
export function isRepeatable(
  error: Error,
  attempt: { readonly wasSent: boolean; readonly method: string; readonly hasBody: boolean },
): boolean {
  if (!attempt.wasSent) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return broken.has(code) && idempotent.has(attempt.method) && !attempt.hasBody
}
