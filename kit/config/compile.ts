import { join } from 'node:path'
import { parseDuration } from '../units.ts'
import { compileGateway } from './compile-gateway.ts'
import { compileContract } from './compile-contract.ts'
import { compileCors } from './compile-cors.ts'
import { compileIdp } from './compile-idp.ts'
import { compileLimitPolicies, compileRouteLimits } from './compile-limits.ts'
import { originOf, type CompileContext } from './compile-context.ts'
import { compileRevocation } from './compile-revocation.ts'
import { compileKeys } from './compile-keys.ts'
import { compileSite } from './compile-site.ts'
import { compileUpstream } from './compile-upstream.ts'
import type { WrittenConfig, WrittenRoute } from './schema.ts'
import type { WrittenUpstream } from './schema-upstream.ts'
import { serviceNames } from './services.ts'
import type {
  AuthzConfig,
  Config,
  GatewayConfig,
  RouteConfig,
  RouteMatch,
  RouteTokenConfig,
  ServiceConfig,
  ServiceName,
  UpstreamConfig,
} from './types.ts'

/** Turns the configuration as written into the one that runs: defaults filled, units as numbers. */
export function compileConfig(written: WrittenConfig, context: CompileContext): Config {
  const trustDomain = written.trustDomain ?? 'gatehouse.local'
  const gateway = compileGateway(written.gateway ?? {}, trustDomain, context)
  const services = compileServices(written, context)
  return {
    trustDomain,
    issuer: originOf(written.issuer ?? `http://localhost:${context.portBase + 1}`),
    resource: written.resource ?? 'urn:gatehouse:api',
    keys: compileKeys(written.keys ?? {}),
    gateway,
    idp: compileIdp(written.idp ?? {}, context),
    services,
    routes: written.routes.map((route) => compileRoute(route, gateway, context)),
    upstreams: compileUpstreams(written, services),
    sites: (written.sites ?? []).map(compileSite),
    limitPolicies: compileLimitPolicies(written.limitPolicies ?? {}),
    edges: written.edges ?? [],
    revocation: compileRevocation(written.revocation ?? {}),
  }
}

function compileServices(
  written: WrittenConfig,
  context: CompileContext,
): Readonly<Record<ServiceName, ServiceConfig>> {
  const service = (name: ServiceName): ServiceConfig => ({
    listen: written.services?.[name]?.listen ?? {
      host: 'localhost',
      port: context.portBase + 1001 + serviceNames.indexOf(name),
    },
    store: written.services?.[name]?.store ?? `sqlite:${join(context.dataDir, `${name}.sqlite`)}`,
  })
  return { users: service('users'), orders: service('orders'), inventory: service('inventory') }
}

function compileRoute(
  route: WrittenRoute,
  gateway: GatewayConfig,
  { contracts }: CompileContext,
): RouteConfig {
  return {
    id: route.id,
    match: compileMatch(route.match),
    authn: route.authn,
    authz: compileAuthz(route.authz ?? {}),
    token: route.token && compileToken(route.token, gateway),
    limits: compileRouteLimits(route.limits ?? {}, gateway.limits),
    priority: route.priority ?? 'normal',
    stream: route.stream ?? false,
    websocket: route.websocket ?? false,
    origins: (route.origins ?? []).map(originOf),
    cors: route.cors && compileCors(route.cors),
    contract: route.contract === undefined ? undefined : compileContract(route.contract, contracts),
    upstream: route.upstream,
    whenStale: route.whenStale ?? 'refuse',
    headers: {
      request: (route.headers?.request ?? []).map((name) => name.toLowerCase()),
      response: (route.headers?.response ?? []).map((name) => name.toLowerCase()),
    },
  }
}

function compileMatch({ headers, ...match }: WrittenRoute['match']): RouteMatch {
  if (headers === undefined) return match
  return { ...match, headers: headers.map((header) => ({ ...header, name: header.name.toLowerCase() })) }
}

function compileToken(
  { scopes, reuse }: NonNullable<WrittenRoute['token']>,
  { internalTokenReuseMs }: GatewayConfig,
): RouteTokenConfig {
  return { scopes, reuseMs: reuse === undefined ? internalTokenReuseMs : parseDuration(reuse) }
}

function compileAuthz({
  scopes,
  roles,
  acr,
  maxAge,
  external,
}: NonNullable<WrittenRoute['authz']>): AuthzConfig {
  return {
    scopes: scopes ?? [],
    roles: roles ?? [],
    acr: acr ?? [],
    maxAgeMs: maxAge === undefined ? undefined : parseDuration(maxAge),
    external: external && {
      url: external.url,
      timeoutMs: parseDuration(external.timeout ?? '1s'),
      onFailure: external.onFailure,
      cacheMs: external.cache === undefined ? 0 : parseDuration(external.cache),
    },
  }
}

/** An edge may lead to a service that came with Gatehouse without an upstream being written for it. */
function compileUpstreams(
  written: WrittenConfig,
  services: Config['services'],
): Readonly<Record<string, UpstreamConfig>> {
  const implied = serviceNames
    .filter((name) => (written.edges ?? []).some((edge) => edge.to === name))
    .map((name): [string, WrittenUpstream] => [
      name,
      { targets: [`https://localhost:${services[name].listen.port}`], identity: name },
    ])
  return Object.fromEntries(
    [...new Map([...implied, ...Object.entries(written.upstreams)])].map(([name, upstream]) => [
      name,
      compileUpstream(name, upstream),
    ]),
  )
}
