import type { Config, RouteConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import { Contracts } from '../contract/compile.ts'
import { corsPolicy } from '../cors/policy.ts'
import type { LimiterShelf } from '../limits/limiter-shelf.ts'
import { limitOf } from '../limits/compile-limit.ts'
import type { GatewayMetrics } from '../metrics.ts'
import { timingOf } from '../upstream/timing.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { EqualParts } from './equal-parts.ts'
import type { Route } from './route.ts'

export interface RouteParts {
  readonly config: Config
  readonly shelf: LimiterShelf
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly metrics: GatewayMetrics
}

/**
 * Makes the routes of the configuration ready to run. Routes without a rate of their own share the gateway's.
 * @throws StartError for an upstream that is not there, an authenticated route without a token, or a contract that
 * cannot be used.
 */
export function compileRoutes(parts: RouteParts): readonly Route[] {
  const contracts = new Contracts()
  const equal = new EqualParts(parts.config)
  return parts.config.routes.map((route) => ({
    ...compileRoute(route, parts, equal),
    contract: contracts.compile(route),
  }))
}

function compileRoute(route: RouteConfig, parts: RouteParts, equal: EqualParts): Omit<Route, 'contract'> {
  const upstream = upstreamOf(route, parts.upstreams)
  const { timeouts } = upstream.config
  return {
    id: route.id,
    authn: route.authn === 'none' ? [] : route.authn,
    scopes: route.authz.scopes,
    roles: route.authz.roles,
    acr: route.authz.acr,
    maxAgeMs: route.authz.maxAgeMs,
    external: route.authz.external,
    whenStale: route.whenStale,
    tokenScope: tokenScope(route),
    tokenReuseMs: route.token?.reuseMs ?? 0,
    tokenMark: Symbol(route.id),
    cors: route.cors && corsPolicy(route.cors),
    methods: route.match.methods,
    relocate: equal.relocate(route, upstream),
    upstream,
    ...sizesOf(route),
    timing: timingOf(route.limits, timeouts, route.stream),
    isStream: route.stream,
    websocket: route.websocket
      ? { timing: timingOf(route.limits, timeouts, false), origins: equal.origins(route.origins) }
      : undefined,
    priority: route.priority,
    limit: limitOf(route, parts.config, parts.shelf),
    requestHeaders: equal.requestHeaders(route.headers.request),
    responseHeaders: equal.responseHeaders(route.headers.response),
    metrics: parts.metrics.route('public', route.id),
  }
}

function sizesOf({
  limits,
  headers,
}: RouteConfig): Pick<Route, 'bodyBytes' | 'inflatedBytes' | 'headerBytes' | 'urlBytes'> {
  const { bodyBytes, inflatedBytes, headerBytes, urlBytes } = limits
  const takesCoded = headers.request.includes('content-encoding')
  return { bodyBytes, inflatedBytes: takesCoded ? inflatedBytes : undefined, headerBytes, urlBytes }
}

function tokenScope(route: RouteConfig): string | undefined {
  const scopes = route.token?.scopes ?? []
  if (route.authn === 'none' || scopes.length > 0) return scopes.length > 0 ? scopes.join(' ') : undefined
  throw new StartError(`route ${route.id} authenticates callers and gives the service no scope`, {
    hint: `say which, as 'token: { scopes: [orders:read] }', or write 'authn: none'`,
  })
}

function upstreamOf(route: RouteConfig, upstreams: ReadonlyMap<string, Upstream>): Upstream {
  const upstream = upstreams.get(route.upstream)
  if (upstream !== undefined) return upstream
  throw new StartError(`route ${route.id}: there is no upstream '${route.upstream}'`, {
    hint: `upstreams: ${[...upstreams.keys()].join(', ')}`,
  })
}
