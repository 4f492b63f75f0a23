import type { EdgeConfig } from '@gatehouse/kit/config/types'

/** Which workload may call which service, and the scopes that may flow. What is not here is refused. */
export class Edges {
  #scopes: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  #own: ReadonlyMap<string, ReadonlySet<string>> = new Map()

  constructor(edges: readonly EdgeConfig[]) {
    this.replace(edges)
  }

  /** These, and no others, from now on. */
  replace(edges: readonly EdgeConfig[]): void {
    this.#scopes = new Map(edges.map((edge) => [key(edge.from, edge.to), new Set(edge.scopes)]))
    this.#own = new Map(edges.map((edge) => [key(edge.from, edge.to), new Set(edge.ownScopes)]))
  }

  /** undefined: there is no such edge. */
  scopes(from: string, to: string): ReadonlySet<string> | undefined {
    return this.#scopes.get(key(from, to))
  }

  /** What it may do without a caller; undefined where it may nothing. */
  ownScopes(from: string, to: string): ReadonlySet<string> | undefined {
    const scopes = this.#own.get(key(from, to))
    return scopes?.size === 0 ? undefined : scopes
  }
}

function key(from: string, to: string): string {
  return JSON.stringify([from, to])
}
