import type { ConfigDocument } from '../document.ts'
import { listAt, valueAt } from '../written.ts'

/** Served by the gateway itself at the public door, with all that is below. */
const trees = ['/assets', '/auth', '/healthz', '/readyz']
const descriptions = ['/docs', '/openapi.json']
const pushed = '/events/push'
/** Its own pages, which are there to be read. */
const pages = ['/', '/.well-known/oauth-protected-resource']

/** Which path of the gateway's own this one is, or is below; undefined: it is free. */
export function ownPath(path: string, document: ConfigDocument): string | undefined {
  const isDescribed = valueAt(document.value, 'gateway', 'describe') !== false
  const transmitters = listAt(document.value, 'revocation', 'transmitters')
  const isPushedTo = transmitters.some((transmitter) => valueAt(transmitter, 'push') === true)
  const all = [...trees, ...(isDescribed ? descriptions : []), ...(isPushedTo ? [pushed] : [])]
  return all.find((own) => path === own || path.startsWith(`${own}/`))
}

/** The same for what is only read. */
export function ownPage(path: string): string | undefined {
  return pages.find((own) => path === own)
}
