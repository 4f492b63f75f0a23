import type { ConfigDocument } from '../document.ts'
import { suggestion } from '../nearest.ts'
import { keysAt, listAt, textAt, valueAt } from '../written.ts'

export function routeUpstreamsExist(document: ConfigDocument): void {
  const known = keysAt(document.value, 'upstreams')
  // That there are none at all, or under a misspelt key, is said once and not for each route.
  if (valueAt(document.value, 'upstreams') === undefined) return
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const name = textAt(route, 'upstream')
    if (name === undefined || known.includes(name)) continue
    document.fault(['routes', index, 'upstream'], `there is no upstream '${name}'${suggestion(name, known)}`)
  }
}
