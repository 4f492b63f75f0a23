import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Eta } from 'eta'
import type { PageViews } from './views.ts'

export interface Asset {
  /** Contains a hash of the content, so it may be cached for good. */
  readonly path: string
  readonly type: string
  readonly content: Buffer
}

/** The pages that people see. Values are escaped by the templates; there is no script on any of them. */
export class Pages {
  readonly assets: readonly Asset[]
  readonly #eta: Eta
  readonly #shared: { readonly assets: { readonly style: string; readonly icon: string } }

  constructor() {
    const folder = import.meta.dirname
    const style = asset(folder, 'idp.css', 'text/css; charset=utf-8')
    const icon = asset(folder, 'icon.svg', 'image/svg+xml')
    this.assets = [style, icon]
    this.#shared = { assets: { style: style.path, icon: icon.path } }
    this.#eta = new Eta({ views: join(folder, 'templates'), cache: true, autoEscape: true, varName: 'it' })
  }

  render<Name extends keyof PageViews>(name: Name, view: PageViews[Name]): string {
    return this.#eta.render(`./${name}`, { ...this.#shared, ...view })
  }
}

function asset(folder: string, name: string, type: string): Asset {
  const content = readFileSync(join(folder, name))
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `/assets/${hash}/${name}`, type, content }
}
