import { hostsOf } from '../compile-gateway.ts'
import { originOf } from '../compile-context.ts'
import type { ConfigDocument } from '../document.ts'
import { forms } from '../forms.ts'
import { suggestion } from '../nearest.ts'
import { listAt, textAt, textsAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

/** A route for a host that the gateway does not serve is one that nobody reaches: such requests are 421 before it. */
export function routeHostsAreServed(document: ConfigDocument, { portBase }: RuleContext): void {
  const served = gatewayHosts(document, portBase)
  if (served.length === 0) return
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    for (const [at, host] of textsAt(route, 'match', 'hosts').entries()) {
      if (served.includes(host)) continue
      const place = ['routes', index, 'match', 'hosts', at]
      document.fault(place, `'${host}' is none of gateway.hosts${suggestion(host, served)}`)
    }
  }
}

/** None where the origin is at fault. */
export function gatewayHosts(document: ConfigDocument, portBase: number): readonly string[] {
  if (valueAt(document.value, 'gateway', 'hosts') !== undefined)
    return textsAt(document.value, 'gateway', 'hosts')
  const origin = textAt(document.value, 'gateway', 'origin') ?? `http://localhost:${portBase}`
  // Where the origin is none, that is the fault.
  return forms.origin.accepts(origin) ? hostsOf(originOf(origin)) : []
}
