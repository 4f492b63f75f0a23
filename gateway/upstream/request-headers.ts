import type { IncomingHttpHeaders } from 'node:http'

/** What of a caller's request a service gets unless the route adds to it. */
export const defaultRequestHeaders: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
]

/** What the gateway writes itself: no route passes on a caller's version of it. */
export const ownRequestHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'forwarded',
  'gatehouse-behalf',
  'gatehouse-scope',
  'gatehouse-timeout',
  'traceparent',
  'tracestate',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
])

/**
 * The allowed headers of a request, flat. Node has joined or dropped repeated ones by the rules of each name, so that
 * the service cannot pick another one than the gateway saw. What `Connection` names is between the caller and us
 * (RFC 9110 section 7.6.1).
 */
export function allowedRequestHeaders(headers: IncomingHttpHeaders, allowed: readonly string[]): string[] {
  const kept: string[] = []
  const hop = hopByHop(headers.connection)
  for (const name of allowed) {
    const value = headers[name]
    if (value === undefined || hop?.has(name) === true) continue
    kept.push(name, typeof value === 'string' ? value : value.join(', '))
  }
  return kept
}

/** The names that a `Connection` header takes for itself; undefined: it names none. */
export function hopByHop(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  return new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
}

/** What the service is told besides. */
export interface OwnHeaders {
  readonly address: string
  readonly host: string
  readonly protocol: string
  readonly txn: string
  /** The internal token; undefined for a route without authentication. */
  readonly token: string | undefined
}

/** Who asked, as the socket tells and not the caller (RFC 7239 and its informal elders), and on whose authority. */
export function addOwnHeaders(headers: string[], own: OwnHeaders): string[] {
  const { address, host, protocol, txn, token } = own
  const node = address.includes(':') ? `"[${address}]"` : address
  headers.push(
    'forwarded',
    `for=${node};host="${host}";proto=${protocol}`,
    'x-forwarded-for',
    address,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    protocol,
    'via',
    '1.1 gatehouse',
    'x-request-id',
    txn,
  )
  if (token !== undefined) headers.push('authorization', `Bearer ${token}`)
  return headers
}
