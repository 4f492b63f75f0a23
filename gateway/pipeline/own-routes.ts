import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { ClientAddress } from '../http/client-address.ts'
import type { Limiter } from '../limits/limiter.ts'
import { addressKey } from '../limits/rate-key.ts'
import { policyItem, tooManyRequests } from '../limits/rate-headers.ts'
import type { AccessEntry, AccessLog } from '../log/access-log.ts'
import type { GatewayMetrics, RouteMetrics } from '../metrics.ts'
import type { Shed } from '../overload/shed.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { checkHost, type ServedHosts } from '../routing/host.ts'
import { pathAsSent } from './visit.ts'

/** One log line and one count for each request that a Fastify route of our own answers. */
export function tellOfResponses(
  scope: FastifyInstance,
  deps: {
    readonly accessLog: AccessLog
    readonly metrics: GatewayMetrics
    readonly door: string
    readonly clientAddress: ClientAddress
    /** Of a site, whose paths are its own; default: the path of the route. */
    readonly route?: string
    /** What a handler found out besides. */
    readonly more?: (request: FastifyRequest) => Partial<AccessEntry> | undefined
  },
): void {
  const counts = new Map<string, RouteMetrics>()
  const countsOf = (route: string): RouteMetrics => {
    const known = counts.get(route) ?? deps.metrics.route(deps.door, route)
    counts.set(route, known)
    return known
  }
  scope.addHook('onResponse', (request, reply, done) => {
    const route = deps.route ?? request.routeOptions.url ?? 'none'
    const ms = reply.elapsedTime
    countsOf(route).count(reply.statusCode, ms)
    deps.accessLog.write({
      txn: request.id,
      method: request.method,
      path: deps.route === undefined ? route : pathOf(request.raw.url ?? ''),
      route,
      status: reply.statusCode,
      ms,
      bytes: Number(reply.getHeader('content-length') ?? 0),
      address: deps.clientAddress(request.raw),
      ...deps.more?.(request),
    })
    done()
  })
}

function pathOf(url: string): string {
  return canonicalTarget(url)?.path ?? pathAsSent(url)
}

/**
 * What every answer of these routes carries, whoever makes it, unless a page says it otherwise of itself.
 * @param headers flat
 */
export function carryHeaders(scope: FastifyInstance, headers: readonly string[]): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    for (let at = 0; at + 1 < headers.length; at += 2) reply.header(headers[at] ?? '', headers[at + 1])
    done()
  })
}

/** What the pipeline does for the API, for routes that Fastify serves: known hosts only, and not too much. */
export function protectOwnRoutes(
  scope: FastifyInstance,
  deps: {
    readonly hosts: ServedHosts
    readonly limiter: Limiter
    readonly shed: Shed
    readonly clientAddress: ClientAddress
  },
): void {
  const policies = policyItem(deps.limiter)
  scope.addHook('onRequest', (request, _reply, done) => {
    const overloaded = deps.shed()
    if (overloaded !== undefined) return done(overloaded)
    const host = checkHost(request.headers.host, deps.hosts)
    if (host instanceof Problem) return done(host)
    const state = deps.limiter.hit(addressKey(deps.clientAddress(request.raw)))
    done(state.exceeded ? tooManyRequests(policies, state) : undefined)
  })
}
