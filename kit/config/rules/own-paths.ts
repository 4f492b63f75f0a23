import type { ConfigDocument } from '../document.ts'
import { valueAt } from '../written.ts'

/** Served by the gateway itself at the public door, with all that is below. */
const trees = ['/assets', '/auth', '/healthz', '/readyz']
const descriptions = ['/docs', '/openapi.json']
/** Its own pages, which are there to be read. */
const pages = ['/', '/.well-known/oauth-protected-resource']

/** Which path of the gateway's own this one is, or is below; undefined: it is free. */
export function ownPath(path: string, document: ConfigDocument): string | undefined {
  const isDescribed = valueAt(document.value, 'gateway', 'describe') !== false
  const all = isDescribed ? [...trees, ...descriptions] : trees
  return all.find((own) => path === own || path.startsWith(`${own}/`))
}

/** The same for what is only read. */
export function ownPage(path: string): string | undefined {
  return pages.find((own) => path === own)
}
