import { headersFit, type HeaderValues } from '@gatehouse/kit/config/header-match'
import type { RouteConfig } from '@gatehouse/kit/config/types'
import { RouteTree } from '../routing/route-tree.ts'

export interface RouteVerdict {
  readonly id: string
  readonly verdict: 'taken' | 'other host' | 'other path' | 'other method' | 'other headers' | 'less specific'
}

interface Asked {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly headers: HeaderValues
}

/** Of every route: whether it takes the request, and if not, why. Each is asked by the same code that routes. */
export function routeVerdicts(
  routes: readonly RouteConfig[],
  asked: Asked,
  taken: string | undefined,
): readonly RouteVerdict[] {
  return routes.map((route) => ({ id: route.id, verdict: verdictOf(route, asked, taken) }))
}

function verdictOf(
  { id, match }: RouteConfig,
  { host, method, path, headers }: Asked,
  taken: string | undefined,
): RouteVerdict['verdict'] {
  if (id === taken) return 'taken'
  const alone = new RouteTree([{ path: match.path, methods: match.methods, hosts: [], value: id }])
  const found = alone.find(host, method, path)
  if (found.kind === 'none') return 'other path'
  if (match.hosts !== undefined && !match.hosts.includes(host)) return 'other host'
  if (found.kind === 'wrong_method') return 'other method'
  return headersFit(match.headers ?? [], headers) ? 'less specific' : 'other headers'
}
