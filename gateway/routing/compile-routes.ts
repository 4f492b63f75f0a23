import type { Config, RouteConfig } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import { Contracts } from '../contract/compile.ts'
import { corsPolicy } from '../cors/policy.ts'
import type { LimiterShelf } from '../limits/limiter-shelf.ts'
import { limitOf } from '../limits/compile-limit.ts'
import type { GatewayMetrics } from '../metrics.ts'
import { defaultRequestHeaders, ownRequestHeaders } from '../upstream/request-headers.ts'
import { defaultResponseHeaders, ResponseHeaders } from '../upstream/response-headers.ts'
import { timingOf } from '../upstream/timing.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { relocation, type Relocate } from './relocate.ts'
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
  return parts.config.routes.map((route) => ({
    ...compileRoute(route, parts),
    contract: contracts.compile(route),
  }))
}

function compileRoute(route: RouteConfig, parts: RouteParts): Omit<Route, 'contract'> {
  const upstream = upstreamOf(route, parts.upstreams)
  const { timeouts } = upstream.config
  const origins = new Set([parts.config.gateway.origin, ...route.origins])
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
    relocate: relocateOf(route, parts.config, upstream),
    upstream,
    ...sizesOf(route),
    timing: timingOf(route.limits, timeouts, route.stream),
    isStream: route.stream,
    websocket: route.websocket ? { timing: timingOf(route.limits, timeouts, false), origins } : undefined,
    priority: route.priority,
    limit: limitOf(route, parts.config, parts.shelf),
    requestHeaders: requestHeaders(route.headers.request),
    responseHeaders: new ResponseHeaders([...defaultResponseHeaders, ...route.headers.response]),
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

/** A route that names `location` itself says that its service may send callers anywhere. */
function relocateOf(route: RouteConfig, { gateway }: Config, upstream: Upstream): Relocate | undefined {
  if (route.headers.response.includes('location')) return undefined
  const { origin, hosts } = gateway
  const { protocol } = new URL(origin)
  const own = new Set([origin, ...hosts.map((host) => `${protocol}//${host}`)])
  return relocation(own, new Set(upstream.config.targets.map(({ url }) => new URL(url).origin)))
}

function requestHeaders(additions: readonly string[]): readonly string[] {
  const names = new Set([...defaultRequestHeaders, ...additions])
  return [...names].filter((name) => !ownRequestHeaders.has(name))
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
