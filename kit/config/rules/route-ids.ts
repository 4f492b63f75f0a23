import type { ConfigDocument } from '../document.ts'
import { listAt, textAt } from '../written.ts'

export function routeIdsAreUnique(document: ConfigDocument): void {
  const seen = new Map<string, number>()
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const id = textAt(route, 'id')
    if (id === undefined) continue
    const first = seen.get(id)
    if (first === undefined) seen.set(id, index)
    else document.fault(['routes', index, 'id'], `'${id}' is already the id of routes[${first}]`)
  }
}
