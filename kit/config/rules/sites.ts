import type { ConfigDocument } from '../document.ts'
import { listAt, textAt } from '../written.ts'
import { ownPage, ownPath } from './own-paths.ts'
import { gatewayHosts } from './route-hosts.ts'
import type { RuleContext } from './rule.ts'

/** A site is at a host or below a path, one of the two, and takes nothing that the gateway serves itself. */
export function sitesHaveTheirPlace(document: ConfigDocument, { portBase }: RuleContext): void {
  const own = new Set(gatewayHosts(document, portBase))
  const seen = new Set<string>()
  for (const [index] of listAt(document.value, 'sites').entries()) {
    const host = textAt(document.value, 'sites', index, 'host')
    const prefix = textAt(document.value, 'sites', index, 'prefix')
    const place = host ?? prefix ?? ''
    if ((host === undefined) === (prefix === undefined)) {
      document.fault(['sites', index], "needs 'host' or 'prefix', one of the two")
    } else if (seen.has(place)) {
      document.fault(['sites', index], `'${place}' is another site's already`)
    } else if (own.has(place)) {
      document.fault(['sites', index, 'host'], `'${place}' is the gateway's own host`)
    } else if (prefix !== undefined) {
      const taken = ownPath(prefix, document) ?? ownPage(prefix)
      if (taken === undefined) leavesRoutes(prefix, index, document)
      else document.fault(['sites', index, 'prefix'], `${taken} belongs to the gateway itself`)
    }
    seen.add(place)
  }
}

/** Sites go before routes, and ask nobody who they are: a route below one would not be asked for anything again. */
function leavesRoutes(prefix: string, index: number, document: ConfigDocument): void {
  const taken = listAt(document.value, 'routes').find((route) => {
    const path = textAt(route, 'match', 'path')
    return path === prefix || path?.startsWith(`${prefix}/`) === true
  })
  if (taken === undefined) return
  const id = textAt(taken, 'id') ?? ''
  document.fault(['sites', index, 'prefix'], `'${prefix}' takes everything from route '${id}'`)
}
