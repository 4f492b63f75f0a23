import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

function isSafeMethod(method: string | undefined): boolean {
  return method !== undefined && safeMethods.has(method)
}

/**
 * Why a request may not use the session's cookie, by what the browser says of its origin (Fetch Metadata, Origin), or
 * nothing. `trusted`: other origins that may. A plain navigation may come from anywhere: it shows a page to the person and lets nobody else read it.
 */
export function foreignOrigin(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  origin: string,
  trusted?: ReadonlySet<string>,
): string | undefined {
  if (headers.origin !== undefined && trusted?.has(headers.origin) === true) return undefined
  const navigation = isSafeMethod(method) && headers['sec-fetch-mode'] === 'navigate'
  if (navigation) return undefined
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'The request comes from another site'
  if (headers.origin !== undefined && headers.origin !== origin)
    return 'The request comes from another origin'
  return undefined
}

/**
 * Why a request with a session is refused, or nothing. An unsafe method must carry `X-CSRF: 1`: a form cannot send a
 * header, and a script of another origin cannot without a preflight, which is never answered.
 */
export function csrfFault(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  origin: string,
  trusted?: ReadonlySet<string>,
): string | undefined {
  const foreign = foreignOrigin(method, headers, origin, trusted)
  if (foreign !== undefined) return foreign
  if (!isSafeMethod(method) && headers['x-csrf'] !== '1') return 'The request needs the header X-CSRF: 1'
  return undefined
}

/** Not a secret: what makes a value of the session's id that is for forms and nothing else, as HKDF's salt does (RFC 5869). */
const forForms = createSecretKey(Buffer.from('gatehouse form'))

/** What a form of our own page carries in its `csrf` field. Only who knows the cookie can make it. */
export function csrfToken(sessionId: string): string {
  return createHmac('sha256', forForms).update(sessionId).digest('base64url')
}

export function isCsrfToken(candidate: unknown, sessionId: string): boolean {
  if (typeof candidate !== 'string') return false
  const expected = Buffer.from(csrfToken(sessionId))
  const given = Buffer.from(candidate)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
