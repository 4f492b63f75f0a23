import type { IncomingMessage } from 'node:http'
import { Problem } from '../errors.ts'

const scheme = /^bearer(?: +|$)/i
const b64token = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * What follows `Authorization: Bearer` (RFC 6750 section 2.1; the other two ways of that RFC are not taken).
 * Not looked at yet: see {@link requireBearerForm}, which a token that is known already need not pass again.
 * @throws Problem `missing_credentials` without one, `invalid_request` when the header is repeated.
 */
export function bearerToken(request: IncomingMessage, realm: string): string {
  const token = bearerValue(request.headers.authorization ?? '', realm)
  if (isRepeated(request)) throw invalidRequest()
  return token
}

/** @throws Problem `missing_credentials` for a header that carries no bearer token. */
export function bearerValue(header: string, realm: string): string {
  // As nearly everybody writes it.
  if (header.startsWith('Bearer ') && header[7] !== ' ') return header.slice(7)
  const [start] = scheme.exec(header) ?? []
  if (start !== undefined) return header.slice(start.length)
  throw new Problem('missing_credentials', { headers: { 'www-authenticate': `Bearer realm="${realm}"` } })
}

/** @throws Problem `invalid_request` for what is not written as a bearer token. */
export function requireBearerForm(token: string): void {
  if (!b64token.test(token)) throw invalidRequest()
}

function invalidRequest(): Problem {
  return new Problem('invalid_request', {
    detail: 'Send one Authorization header with one bearer token.',
    headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
  })
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
