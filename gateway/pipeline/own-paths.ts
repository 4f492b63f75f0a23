import type { FastifyInstance } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'

/** What Fastify routes of the gateway's own serve at the public door, by path. */
export class OwnPaths {
  readonly #methods = new Map<string, Set<string>>()

  /** Takes note of each route that is registered in the scope from now on. */
  watch(scope: FastifyInstance): void {
    scope.addHook('onRoute', ({ url, method }) => {
      const methods = this.#methods.get(url) ?? new Set()
      for (const name of [method].flat()) methods.add(name)
      this.#methods.set(url, methods)
    })
  }

  /** Each method of each path. */
  get all(): readonly (readonly [method: string, path: string])[] {
    return [...this.#methods].flatMap(([path, methods]) => [...methods].map((name) => [name, path] as const))
  }

  has(method: string, path: string): boolean {
    return this.#methods.get(path)?.has(method) === true
  }

  /** The path is there with other methods (RFC 9110 section 15.5.6); undefined: it is not there at all. */
  wrongMethod(path: string): Problem | undefined {
    const methods = this.#methods.get(path)
    return methods && new Problem('method_not_allowed', { headers: { allow: [...methods].join(', ') } })
  }
}
