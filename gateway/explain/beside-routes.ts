import type { Config, SiteConfig } from '@gatehouse/kit/config/types'
import { Problem } from '@gatehouse/kit/errors'
import type { OwnPaths } from '../pipeline/own-paths.ts'

/** Answered to whatever host. */
const probes = ['/healthz', '/readyz']

/** What answers before any route is looked for: a site, or the gateway itself. Undefined: routes are asked. */
export function besideRoutes(
  { method, host, path }: { readonly method: string; readonly host: string; readonly path: string },
  { gateway, sites }: Config,
  own: OwnPaths,
): SiteConfig | 'own' | Problem | undefined {
  const isHere = gateway.hosts.includes(host)
  const below = sites.filter(({ at }) => 'prefix' in at && isBelow(path, at.prefix)).toSorted(longestFirst)[0]
  if (isHere && below !== undefined) return below
  const atHost = sites.find(({ at }) => 'host' in at && at.host === host)
  if (own.has(method, path) && (isHere || probes.includes(path))) return 'own'
  if (atHost !== undefined && (path === '/' || !own.has(method, path))) return atHost
  return isHere ? undefined : new Problem('unknown_host')
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

function longestFirst({ at: one }: SiteConfig, { at: other }: SiteConfig): number {
  return 'prefix' in one && 'prefix' in other ? other.prefix.length - one.prefix.length : 0
}
