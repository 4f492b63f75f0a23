import type { ConfigDocument } from '../document.ts'
import { listAt, textAt, valueAt } from '../written.ts'

/** Served by the gateway itself at the public door. */
const ownPaths = ['/auth', '/healthz', '/readyz']
const descriptions = ['/docs', '/openapi.json']

export function routePathsAreUsable(document: ConfigDocument): void {
  const paths =
    valueAt(document.value, 'gateway', 'describe') === false ? ownPaths : [...ownPaths, ...descriptions]
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const path = textAt(route, 'match', 'path')
    if (path === undefined) continue
    const place = ['routes', index, 'match', 'path']
    const own = paths.find((prefix) => path === prefix || path.startsWith(`${prefix}/`))
    if (own !== undefined) document.fault(place, `${own} belongs to the gateway itself`)
    const twice = repeatedParameter(path)
    if (twice !== undefined) document.fault(place, `the parameter ':${twice}' is there twice`)
  }
}

function repeatedParameter(path: string): string | undefined {
  const names = path.split('/').flatMap((segment) => (segment.startsWith(':') ? [segment.slice(1)] : []))
  return names.find((name, position) => names.indexOf(name) !== position)
}
