import type { IncomingMessage } from 'node:http'
import { Problem } from '../errors.ts'

const scheme = /^bearer(?: |$)/i
const credentials = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * The token of `Authorization: Bearer` (RFC 6750 section 2.1; the other two ways of that RFC are not taken).
 * @throws Problem `missing_credentials` without one, `invalid_request` when it is repeated or not readable.
 */
export function bearerToken(request: IncomingMessage, realm: string): string {
  const header = request.headers.authorization
  if (header === undefined || !scheme.test(header)) {
    throw new Problem('missing_credentials', { headers: { 'www-authenticate': `Bearer realm="${realm}"` } })
  }
  const token = credentials.exec(header)?.[1]
  if (token === undefined || isRepeated(request)) {
    throw new Problem('invalid_request', {
      detail: 'Send one Authorization header with one bearer token.',
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
    })
  }
  return token
}

/** `headers.authorization` is the first of several; the others would pass unseen. */
function isRepeated(request: IncomingMessage): boolean {
  const raw = request.rawHeaders
  let seen = 0
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') seen += 1
  }
  return seen !== 1
}
