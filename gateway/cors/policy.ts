import type { IncomingHttpHeaders } from 'node:http'
import type { CorsConfig } from '@gatehouse/kit/config/types'

/** Flat: name, value, name, value. */
type Flat = readonly string[]

/** What a route tells browsers about pages of other origins (Fetch standard, section 3.3). */
export interface CorsPolicy {
  /** Whose pages may read what comes to a session. */
  readonly sessionOrigins: ReadonlySet<string>
  /** For every answer of the route. An origin that is not allowed is told nothing. */
  answerHeaders(origin: string | undefined): Flat
  /** For the answer to a preflight; undefined: refused. */
  preflightHeaders(request: IncomingHttpHeaders, methods: readonly string[]): Flat | undefined
}

/** Caches must keep answers to several origins apart, those to none included. */
const varyByOrigin: Flat = ['vary', 'origin']

/** Origins are compared whole and as they are: no suffix, no prefix, no case, no `null`. */
export function corsPolicy(config: CorsConfig): CorsPolicy {
  const allowed = new Map(config.origins.map((origin) => [origin, grant(origin, config)]))
  const answers = new Map([...allowed].map(([origin, granted]) => [origin, [...granted, ...exposed(config)]]))
  const headers = new Set(config.headers)
  return {
    sessionOrigins: new Set(config.credentials ? config.origins : []),
    answerHeaders: (origin) => (origin === undefined ? undefined : answers.get(origin)) ?? varyByOrigin,
    preflightHeaders(request, methods) {
      const granted = request.origin === undefined ? undefined : allowed.get(request.origin)
      const asked = namesIn(request['access-control-request-headers'])
      if (granted === undefined || !asked.every((name) => headers.has(name))) return undefined
      const names =
        config.headers.length === 0 ? [] : ['access-control-allow-headers', config.headers.join(', ')]
      const maxAge = String(Math.floor(config.maxAgeMs / 1000))
      return [
        ...granted,
        'access-control-allow-methods',
        methods.join(', '),
        ...names,
        'access-control-max-age',
        maxAge,
      ]
    },
  }
}

function grant(origin: string, { credentials }: CorsConfig): Flat {
  const head = ['access-control-allow-origin', origin, ...varyByOrigin]
  return credentials ? [...head, 'access-control-allow-credentials', 'true'] : head
}

function exposed({ expose }: CorsConfig): Flat {
  return expose.length === 0 ? [] : ['access-control-expose-headers', expose.join(', ')]
}

export function namesIn(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean)
}
