import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { problemFrom } from '@gatehouse/kit/http/problem-from'
import { defaultHttpLimits } from '@gatehouse/kit/http/limits'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { Description } from './describe/description.ts'
import type { Described } from './describe/merged.ts'
import { registerDescription } from './describe/register.ts'
import type { GatewayDeps } from './deps.ts'
import { registerPush } from './events/push.ts'
import { clientAddress } from './http/client-address.ts'
import { metadataUrl, resourceMetadata } from './http/resource-metadata.ts'
import { securityHeaders } from './http/security-headers.ts'
import { publicTls } from './http/tls.ts'
import { tracing } from './http/trace-context.ts'
import { unknownMethod } from './http/unknown-method.ts'
import { createLimiter } from './limits/limiter.ts'
import { OwnPaths } from './pipeline/own-paths.ts'
import { carryHeaders, protectOwnRoutes, tellOfResponses } from './pipeline/own-routes.ts'
import { publicDoor, type Passage, type PublicDoorDeps } from './pipeline/public-door.ts'
import { takeOver } from './pipeline/take-over.ts'
import { tableCompiler, type TableCompiler } from './reload/compile-table.ts'
import { servedHosts } from './routing/host.ts'
import { RoutingTable } from './routing/routing-table.ts'
import { sessionCookie } from './sessions/cookies.ts'
import { undiciForwarder } from './upstream/undici-forwarder.ts'
import { registerSites } from './sites/register.ts'
import { ownApi } from './web/own-api.ts'
import { registerWeb } from './web/index.ts'
import { Tunnels } from './websocket/tunnels.ts'
import { Upgrades } from './websocket/upgrades.ts'

export interface PublicApp {
  readonly app: FastifyInstance
  /** The routes in force. */
  readonly table: RoutingTable<Passage>
  readonly compile: TableCompiler
  /** Of the routes in force. */
  readonly description: Description
  /** What is served besides. */
  readonly own: OwnPaths
}

/** The public door: the gateway's own pages and sign-in by Fastify routes, everything else through the pipeline. */
export async function publicApp(deps: GatewayDeps): Promise<PublicApp> {
  const { limits, tls } = deps.ctx.config.gateway
  const { headerBytes, urlBytes, bodyBytes } = limits
  const app = createHttpServer({
    log: deps.ctx.log,
    schemas: false,
    https: publicTls(tls),
    limits: { headerBytes, urlBytes, bodyBytes },
    endsBodiless: true,
    fastify: {
      logger: false,
      frameworkErrors: (error, request, reply) => door.turnAway(request, reply, problemFrom(error)),
    },
  })
  // Loaded by those alone that have TLS.
  if (tls?.http2 === true) {
    const { speakHttp2 } = await import('./http2/speak.ts')
    speakHttp2(app.server, { ...defaultHttpLimits, headerBytes, urlBytes })
  }
  const compile = tableCompiler(deps)
  const { tree, exposed } = compile(deps.ctx.config, deps.upstreams.inForce)
  const table = new RoutingTable(tree)
  const description = new Description(describedOf(deps), exposed)
  const doorDeps = publicDoorDeps(deps, app, table)
  const door = publicDoor(doorDeps)
  app.server.on(unknownMethod, (request: IncomingMessage, response: ServerResponse) =>
    door.turnAwayUnknown(request, response),
  )
  await app.register(async (scope) => {
    doorDeps.own.watch(scope)
    carryHeaders(scope, doorDeps.ownHeaders)
    registerProbes(scope, deps)
  })
  await app.register(async (scope) => {
    doorDeps.own.watch(scope)
    carryHeaders(scope, doorDeps.ownHeaders)
    registerOwnRoutes(scope, deps, { ...doorDeps, app })
    if (deps.ctx.config.gateway.describe) registerDescription(scope, description, doorDeps.hosts)
  })
  await registerSites(app, deps, { ...doorDeps, bodyBytes })
  await app.register(async (scope) => takeOver(scope, door))
  return { app, table, compile, description, own: doorDeps.own }
}

function describedOf({ ctx: { config } }: GatewayDeps): Described {
  return { origin: config.gateway.origin, issuer: config.issuer, cookie: sessionCookie }
}

function publicDoorDeps(deps: GatewayDeps, app: FastifyInstance, routes: PublicApp['table']): PublicDoorDeps {
  const { ctx, accessLog, counters, live, metrics } = deps
  const { gateway } = ctx.config
  const protocol = new URL(gateway.origin).protocol.slice(0, -1)
  const upgrades = new Upgrades()
  upgrades.attach(app)
  const tunnels = new Tunnels(gateway.websockets)
  metrics.gauge('gatehouse_gateway_websockets', 'WebSockets that are open.', () => tunnels.size)
  app.addHook('preClose', async () => tunnels.stop())
  return {
    log: ctx.log,
    accessLog,
    metrics: counters,
    ownHeaders: securityHeaders(gateway.origin),
    metadataUrl: metadataUrl(gateway.origin),
    noRoute: counters.route('public', 'none'),
    hosts: servedHosts(gateway.hosts, protocol),
    routes,
    forwarder: undiciForwarder(),
    addTrace: tracing(),
    live,
    upgrades,
    tunnels,
    clientAddress: clientAddress(gateway.trustedProxies),
    protocol,
    own: new OwnPaths(),
  }
}

function registerProbes(app: FastifyInstance, deps: GatewayDeps): void {
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async () => {
    if (!(await deps.ready())) throw new Problem('not_ready', { headers: { 'retry-after': '1' } })
    return { status: 'ready' }
  })
}

function registerOwnRoutes(
  scope: FastifyInstance,
  { ctx, accessLog, counters, events, sessions, shedding }: GatewayDeps,
  { hosts, clientAddress: address, routes, app }: PublicDoorDeps & { readonly app: FastifyInstance },
): void {
  const limiter = createLimiter('own', ctx.config.gateway.limits.rate)
  protectOwnRoutes(scope, { hosts, limiter, shed: shedding.of('sessions'), clientAddress: address })
  tellOfResponses(scope, { accessLog, metrics: counters, door: 'public', clientAddress: address })
  resourceMetadata(scope, ctx.config, () => routes.entries.map(({ value }) => value.route))
  sessions.register(scope)
  registerPush(scope, events.pushed)
  const { issuer, gateway } = ctx.config
  registerWeb(scope, {
    issuer,
    origin: gateway.origin,
    clock: ctx.clock,
    sessions,
    api: ownApi(app, gateway.origin),
    rules: () => routes.entries,
  })
}
