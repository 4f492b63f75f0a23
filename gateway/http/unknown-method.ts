import { http } from '@gatehouse/kit/http/node-http'

const known: ReadonlySet<string> = new Set(http.METHODS)

/** What a server hears instead of `request`: Fastify can have no route for it, not even one for all. */
export const unknownMethod = 'unknownMethod'

/** In HTTP/1.1 a request with another method comes no further than the parser. */
export function isKnownMethod(method: string): boolean {
  return known.has(method)
}
