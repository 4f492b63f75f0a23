import type { ConfigDocument } from '../document.ts'
import { listAt, textAt } from '../written.ts'

/** Credentials would be written into the configuration, and hosts have a key of their own. */
const refused = ['authorization', 'cookie', 'dpop', 'host', 'proxy-authorization']

export function routeMatchHeadersAreUsable(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const seen = new Set<string>()
    for (const [at, header] of listAt(route, 'match', 'headers').entries()) {
      const name = textAt(header, 'name')?.toLowerCase()
      if (name === undefined) continue
      const place = ['routes', index, 'match', 'headers', at, 'name']
      if (refused.includes(name)) document.fault(place, `'${name}' is no header to match by`)
      if (seen.has(name)) document.fault(place, `'${name}' is there twice`)
      seen.add(name)
    }
  }
}
