import type { IncomingMessage } from 'node:http'

/** The method that a preflight asks about; undefined when the request is none (Fetch standard, section 3.3.4). */
export function preflightFor(request: IncomingMessage): string | undefined {
  const { method, headers } = request
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined
  return headers['access-control-request-method']
}
