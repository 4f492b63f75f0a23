import type { IncomingMessage } from 'node:http'
import type { Config } from '@gatehouse/kit/config/types'
import { headersWished, preflightFor } from '../cors/preflight.ts'
import type { Passage } from '../pipeline/public-door.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import { routeVerdicts, type RouteVerdict } from './rivals.ts'

export interface ExplainedPreflight {
  readonly route: string
  readonly routes: readonly RouteVerdict[]
  readonly isAllowed: boolean
}

/** What the gateway answers to a browser that asks before it sends; undefined: nobody asks, or there is nobody to answer. */
export function explainPreflight(
  request: IncomingMessage,
  { host, path }: { readonly host: string; readonly path: string },
  { table, config }: { readonly table: RoutingTable<Passage>; readonly config: Config },
): ExplainedPreflight | undefined {
  const method = preflightFor(request)
  if (method === undefined) return undefined
  const headers = headersWished(request)
  const found = table.find(host, method, path, headers)
  if (found.kind !== 'route' || found.value.route.cors === undefined) return undefined
  const { id, cors, methods } = found.value.route
  return {
    route: id,
    routes: routeVerdicts(config.routes, { host, method, path, headers }, id),
    isAllowed: cors.preflightHeaders(request.headers, methods) !== undefined,
  }
}
