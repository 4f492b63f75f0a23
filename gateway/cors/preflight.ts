import type { IncomingMessage } from 'node:http'
import type { HeaderValues } from '@gatehouse/kit/config/header-match'
import { namesIn } from './policy.ts'

/** The method that a preflight asks about; undefined when the request is none (Fetch standard, section 3.3.4). */
export function preflightFor(request: IncomingMessage): string | undefined {
  const { method, headers } = request
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined
  return headers['access-control-request-method']
}

/** The headers of the request that a preflight asks about; it tells their names and no values. */
export function headersWished({ headers }: IncomingMessage): HeaderValues {
  const names = namesIn(headers['access-control-request-headers'])
  return Object.fromEntries(names.map((name) => [name, true]))
}
