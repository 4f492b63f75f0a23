export interface CallRequest {
  /** Upper case. */
  readonly method: string
  /** Path and query at the callee, from its first slash; encode what comes from outside. */
  readonly path: string
  /** Sent as JSON; undefined sends no body. */
  readonly body?: unknown
  /** Asks for no more than these; default: all that the edge lets through. */
  readonly scopes?: readonly string[]
  /** Milliseconds for everything, retries and the whole answer included. Default 5,000; never past the caller's. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /**
   * Goes on, with its own timeout, when the one who asked has left or has no time left: for what must be put right.
   */
  readonly detached?: boolean
}

export interface CallAnswer {
  readonly status: number
  /** The JSON that came; undefined when the answer has no body. Check its shape before you use it (`conforms`). */
  readonly body: unknown
}

/** What goes over the wire, wherever it goes. */
export interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

const serviceName = /^[a-z0-9][a-z0-9-]{0,62}$/
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** @throws TypeError for wrong use: what a path parameter could smuggle in must not leave the service. */
export function outgoing(to: string, request: CallRequest): Outgoing {
  if (!serviceName.test(to)) throw new TypeError('call: not the name of a service')
  if (!isPath(request.path)) throw new TypeError('call: the path must be absolute, canonical and encoded')
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
  const sent = { method: request.method, path: request.path, headers }
  if (request.body === undefined) return sent
  headers['content-type'] = 'application/json'
  return { ...sent, body: JSON.stringify(request.body) }
}

/** What a path parameter could smuggle in: another path, another service, a header. */
function isPath(path: string): boolean {
  if (!/^\/[\x21\x22\x24-\x5B\x5D-\x7E]*$/.test(path)) return false
  const [beforeQuery = ''] = path.split('?', 1)
  return !/\/\/|\/\.{1,2}(?:\/|$)|%2e|%2f|%5c/i.test(beforeQuery)
}

/**
 * Scopes as RFC 6749 section 3.3 writes them.
 * @throws TypeError for none: leave them out to ask for all.
 */
export function scopeList(scopes: readonly string[]): string {
  if (scopes.length === 0 || !scopes.every((scope) => scopeToken.test(scope))) {
    throw new TypeError('call: scopes must name at least one; leave them out to ask for all')
  }
  return scopes.join(' ')
}
