import type { IncomingHttpHeaders } from 'node:http'
import { defaultRequestHeaders, ownRequestHeaders } from '../upstream/request-headers.ts'
import { relocation } from '../routing/relocate.ts'
import { defaultResponseHeaders, relocateLinks } from '../upstream/response-headers.ts'

/** What a site says to browsers about its own pages, besides what any service may say. */
const pageHeaders: readonly string[] = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'strict-transport-security',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
]

/**
 * The gateway's own cookies: a site gets none of them and sets none of them, nor one without a name whose value a browser
 * would send back as one of them (older ones than RFC 6265bis).
 */
const ownCookie = /^[\s=]*__Host-gatehouse/i

/** Names of the caller's headers that a site gets. `authorization` it gets if the operator says so: it is the site's. */
export function siteRequestHeaders(additions: readonly string[]): readonly string[] {
  const names = [...defaultRequestHeaders, ...additions]
  return [...new Set(names)].filter((name) => name === 'authorization' || !ownRequestHeaders.has(name))
}

export function siteResponseHeaders(additions: readonly string[]): ReadonlySet<string> {
  return new Set([...defaultResponseHeaders, ...pageHeaders, ...additions])
}

/** The header `cookie` without the gateway's own; undefined when nothing is left. */
export function foreignCookies(cookie: string): string | undefined {
  const kept = cookie.split(';').filter((pair) => !ownCookie.test(pair))
  return kept.length === 0 ? undefined : kept.join(';').trim()
}

/** The allowed headers of a site's answer. */
export function allowedAnswer<Value>(
  headers: Readonly<Record<string, Value>>,
  allowed: ReadonlySet<string>,
): Record<string, Value> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => allowed.has(name) && !(name === 'set-cookie' && setsOwn(value)),
  )
  return Object.fromEntries(kept)
}

function setsOwn(value: unknown): boolean {
  const cookies: readonly unknown[] = Array.isArray(value) ? value : [value]
  return cookies.some((cookie) => typeof cookie === 'string' && ownCookie.test(cookie))
}

/**
 * Places in a site's answer as its callers may use them: a site below a prefix knows itself by its own address, and sends
 * them there. Any other place stays; it is the site's to say.
 * @param target an origin
 */
export function siteRelocation(target: string): (headers: IncomingHttpHeaders) => IncomingHttpHeaders {
  const relocate = relocation(new Set(), new Set([new URL(target).origin]))
  return ({ location, 'content-location': content, link, ...headers }) => ({
    ...headers,
    ...(location === undefined ? {} : { location: relocate(location) ?? location }),
    ...(content === undefined ? {} : { 'content-location': relocate(content) ?? content }),
    ...(link === undefined ? {} : { link: [link].flat().map((one) => relocateLinks(one, relocate)) }),
  })
}

/** Flat headers as an object. */
export function asObject(flat: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {}
  for (let at = 0; at + 1 < flat.length; at += 2) headers[flat[at] ?? ''] = flat[at + 1] ?? ''
  return headers
}
