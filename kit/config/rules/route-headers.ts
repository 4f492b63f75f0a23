import type { ConfigDocument } from '../document.ts'
import { listAt, textsAt } from '../written.ts'

/** RFC 9110 section 7.6.1, and what frames a message: never forwarded as it came. */
const connectionHeaders = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** A caller's authority and identity stay at the gateway, which states them anew. */
const authorityHeaders = ['authorization', 'cookie', 'dpop', 'forwarded', 'x-real-ip', 'x-original-url']

export function routeHeadersAreHarmless(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const request = textsAt(route, 'headers', 'request')
    const response = textsAt(route, 'headers', 'response')
    for (const [at, name] of request.entries()) {
      if (isRefused(name, authorityHeaders))
        refuse(['routes', index, 'headers', 'request', at], name, document)
    }
    for (const [at, name] of response.entries()) {
      if (isRefused(name, ['set-cookie']) || isCors(name))
        refuse(['routes', index, 'headers', 'response', at], name, document)
    }
  }
}

/** A site may be given what else its operator says. */
export function siteHeadersAreHarmless(document: ConfigDocument): void {
  for (const [index, site] of listAt(document.value, 'sites').entries()) {
    for (const way of ['request', 'response']) {
      for (const [at, name] of textsAt(site, 'headers', way).entries()) {
        if (connectionHeaders.includes(name.toLowerCase()))
          refuse(['sites', index, 'headers', way, at], name, document)
      }
    }
  }
}

function isRefused(name: string, besides: readonly string[]): boolean {
  const lower = name.toLowerCase()
  return connectionHeaders.includes(lower) || besides.includes(lower) || lower.startsWith('x-forwarded-')
}

/** `cors` of the route says these, for exact origins. */
function isCors(name: string): boolean {
  return name.toLowerCase().startsWith('access-control-')
}

function refuse(path: readonly (string | number)[], name: string, document: ConfigDocument): void {
  document.fault(path, `'${name}' is never forwarded`)
}
