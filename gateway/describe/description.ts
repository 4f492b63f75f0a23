import type { ExposedRoute } from './exposed.ts'
import type { Described } from './merged.ts'

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
  async for(host: string): Promise<Made> {
    const [{ describeRoutes }, { renderPage }] = await Promise.all([
      import('./merged.ts'),
      import('./page.ts'),
    ])
    const known = this.#made.get(host)
    if (known !== undefined) return known
    const document = describeRoutes(this.#routes, host, this.#of)
    const made = { json: JSON.stringify(document), html: renderPage(document) }
    this.#made.set(host, made)
    return made
  }
}
