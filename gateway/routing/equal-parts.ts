import type { Config, RouteConfig } from '@gatehouse/kit/config/types'
import { defaultRequestHeaders, ownRequestHeaders } from '../upstream/request-headers.ts'
import { defaultResponseHeaders, ResponseHeaders } from '../upstream/response-headers.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { relocation, type Relocate } from './relocate.ts'

/** What most routes of a configuration have in common, made once for all of them: there may be 10,000. */
export class EqualParts {
  readonly #gateway: Config['gateway']
  readonly #requestHeaders = new Map<string, readonly string[]>()
  readonly #responseHeaders = new Map<string, ResponseHeaders>()
  readonly #origins = new Map<string, ReadonlySet<string>>()
  readonly #relocations = new Map<Upstream, Relocate>()

  constructor({ gateway }: Config) {
    this.#gateway = gateway
  }

  /** Lower-case names of the caller's headers that the service gets. */
  requestHeaders(additions: readonly string[]): readonly string[] {
    return once(this.#requestHeaders, JSON.stringify(additions), () => {
      const names = new Set([...defaultRequestHeaders, ...additions])
      return [...names].filter((name) => !ownRequestHeaders.has(name))
    })
  }

  responseHeaders(additions: readonly string[]): ResponseHeaders {
    return once(
      this.#responseHeaders,
      JSON.stringify(additions),
      () => new ResponseHeaders([...defaultResponseHeaders, ...additions]),
    )
  }

  /** From where a session may open a WebSocket. */
  origins(additions: readonly string[]): ReadonlySet<string> {
    return once(this.#origins, JSON.stringify(additions), () => new Set([this.#gateway.origin, ...additions]))
  }

  /** A route that names `location` itself says that its service may send callers anywhere. */
  relocate({ headers }: RouteConfig, upstream: Upstream): Relocate | undefined {
    if (headers.response.includes('location')) return undefined
    return once(this.#relocations, upstream, () => {
      const { origin, hosts } = this.#gateway
      const { protocol } = new URL(origin)
      const own = new Set([origin, ...hosts.map((host) => new URL(`${protocol}//${host}`).origin)])
      return relocation(own, new Set(upstream.config.targets.map(({ url }) => new URL(url).origin)))
    })
  }
}

function once<K, V>(made: Map<K, V>, key: K, make: () => V): V {
  const known = made.get(key)
  if (known !== undefined) return known
  const value = make()
  made.set(key, value)
  return value
}
