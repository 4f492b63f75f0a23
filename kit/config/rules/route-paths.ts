import type { ConfigDocument } from '../document.ts'
import { listAt, textAt, textsAt } from '../written.ts'
import { ownPage, ownPath } from './own-paths.ts'

export function routePathsAreUsable(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const path = textAt(route, 'match', 'path')
    if (path === undefined) continue
    const place = ['routes', index, 'match', 'path']
    const reads = textsAt(route, 'match', 'methods').some((method) => method === 'GET' || method === 'HEAD')
    const own = ownPath(path, document) ?? (reads ? ownPage(path) : undefined)
    if (own !== undefined) document.fault(place, `${own} belongs to the gateway itself`)
    const twice = repeatedParameter(path)
    if (twice !== undefined) document.fault(place, `the parameter ':${twice}' is there twice`)
  }
}

function repeatedParameter(path: string): string | undefined {
  const names = path.split('/').flatMap((segment) => (segment.startsWith(':') ? [segment.slice(1)] : []))
  return names.find((name, position) => names.indexOf(name) !== position)
}
