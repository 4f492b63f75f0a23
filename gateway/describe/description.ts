import type { ExposedRoute } from './exposed.ts'
import { describeRoutes, type Described } from './merged.ts'
import type { Json } from './operation.ts'
import { renderPage } from './page.ts'

interface Made {
  readonly json: string
  readonly html: string
}

/** The description of the routes in force, made when somebody first asks for it. */
export class Description {
  readonly #of: Described
  /** By host; the gateway's hosts are few. */
  readonly #made = new Map<string, Made>()
  #routes: readonly ExposedRoute[]

  constructor(of: Described, routes: readonly ExposedRoute[]) {
    this.#of = of
    this.#routes = routes
  }

  replace(routes: readonly ExposedRoute[]): void {
    this.#routes = routes
    this.#made.clear()
  }

  /** @param host one of the gateway's. */
  for(host: string): Made {
    const made = this.#made.get(host) ?? this.#make(describeRoutes(this.#routes, host, this.#of))
    this.#made.set(host, made)
    return made
  }

  #make(document: Json): Made {
    return { json: JSON.stringify(document), html: renderPage(document) }
  }
}
