import type { RouteConfig } from '@gatehouse/kit/config/types'
import { RouteTree } from '../routing/route-tree.ts'

export interface RouteVerdict {
  readonly id: string
  readonly verdict: 'taken' | 'other host' | 'other path' | 'other method' | 'less specific'
}

/** Of every route: whether it takes the request, and if not, why. Each is asked by the same code that routes. */
export function routeVerdicts(
  routes: readonly RouteConfig[],
  asked: { readonly host: string; readonly method: string; readonly path: string },
  taken: string | undefined,
): readonly RouteVerdict[] {
  return routes.map((route) => ({ id: route.id, verdict: verdictOf(route, asked, taken) }))
}

function verdictOf(
  { id, match }: RouteConfig,
  { host, method, path }: { readonly host: string; readonly method: string; readonly path: string },
  taken: string | undefined,
): RouteVerdict['verdict'] {
  if (id === taken) return 'taken'
  const alone = new RouteTree([{ path: match.path, methods: match.methods, hosts: [], value: id }])
  const found = alone.find(host, method, path)
  if (found.kind === 'none') return 'other path'
  if (match.hosts !== undefined && !match.hosts.includes(host)) return 'other host'
  return found.kind === 'wrong_method' ? 'other method' : 'less specific'
}
