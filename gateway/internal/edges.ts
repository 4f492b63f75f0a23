import type { EdgeConfig } from '@gatehouse/kit/config/types'

/** Which workload may call which service, and the scopes that may flow. What is not here is refused. */
export class Edges {
  /** By who calls, then by who is called. */
  #scopes: Relations = new Map()
  #own: Relations = new Map()

  constructor(edges: readonly EdgeConfig[]) {
    this.replace(edges)
  }

  /** These, and no others, from now on. */
  replace(edges: readonly EdgeConfig[]): void {
    this.#scopes = relations(edges, (edge) => edge.scopes)
    this.#own = relations(edges, ({ ownScopes = [] }) => ownScopes)
  }

  /** undefined: there is no such edge. */
  scopes(from: string, to: string): ReadonlySet<string> | undefined {
    return this.#scopes.get(from)?.get(to)
  }

  /** What it may do without a caller; undefined where it may nothing. */
  ownScopes(from: string, to: string): ReadonlySet<string> | undefined {
    const scopes = this.#own.get(from)?.get(to)
    return scopes?.size === 0 ? undefined : scopes
  }
}

type Relations = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

function relations(edges: readonly EdgeConfig[], scopes: (edge: EdgeConfig) => readonly string[]): Relations {
  const byCaller = Map.groupBy(edges, ({ from }) => from)
  return new Map(
    [...byCaller].map(([from, own]) => [from, new Map(own.map((edge) => [edge.to, new Set(scopes(edge))]))]),
  )
}
