import type { RouteConfig } from '@gatehouse/kit/config/types'

/**
 * What answers of a route depend on besides its path (RFC 9110 section 12.5.5): every header that decides between routes
 * for the path, of those that name none too. @returns by route, flat
 */
export function varyOf(routes: readonly RouteConfig[]): ReadonlyMap<string, readonly string[]> {
  const byShape = Map.groupBy(routes, ({ match }) => match.path.replaceAll(/:[^/]+/g, ':'))
  return new Map(
    [...byShape.values()].flatMap((rivals) => {
      const names = new Set(rivals.flatMap(({ match }) => (match.headers ?? []).map(({ name }) => name)))
      const vary = ['vary', [...names].join(', ')]
      return names.size === 0 ? [] : rivals.map(({ id }): [string, readonly string[]] => [id, vary])
    }),
  )
}
