import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { problemFrom } from '@gatehouse/kit/http/problem-from'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { bearerAuthenticator } from './authn/bearer.ts'
import { sessionAuthenticator } from './authn/session.ts'
import type { GatewayDeps } from './deps.ts'
import { clientAddress } from './http/client-address.ts'
import { securityHeaders } from './http/security-headers.ts'
import { createLimiter } from './limits/limiter.ts'
import { protectOwnRoutes, tellOfResponses } from './pipeline/own-routes.ts'
import { publicDoor, type Passage, type PublicDoorDeps } from './pipeline/public-door.ts'
import { stageTable } from './pipeline/stages.ts'
import { takeOver } from './pipeline/take-over.ts'
import { compileRoutes } from './routing/compile-routes.ts'
import { RouteTree } from './routing/route-tree.ts'
import { undiciForwarder } from './upstream/undici-forwarder.ts'
import { registerWeb } from './web/index.ts'
import { Tunnels } from './websocket/tunnels.ts'
import { Upgrades } from './websocket/upgrades.ts'

/** The public door: the gateway's own pages and sign-in by Fastify routes, everything else through the pipeline. */
export async function publicApp(deps: GatewayDeps): Promise<FastifyInstance> {
  const { headerBytes, urlBytes, bodyBytes } = deps.ctx.config.gateway.limits
  const app = createHttpServer({
    log: deps.ctx.log,
    limits: { headerBytes, urlBytes, bodyBytes },
    fastify: {
      logger: false,
      frameworkErrors: (error, request, reply) => door.turnAway(request, reply, problemFrom(error)),
    },
  })
  await app.register(rateLimit, { global: false })
  const doorDeps = publicDoorDeps(deps, app)
  const door = publicDoor(doorDeps)
  registerProbes(app, deps)
  await app.register(async (scope) => registerOwnRoutes(scope, deps, doorDeps))
  await app.register(async (scope) => takeOver(scope, door))
  return app
}

function publicDoorDeps(deps: GatewayDeps, app: FastifyInstance): PublicDoorDeps {
  const { ctx, accessLog, counters, live, metrics } = deps
  const { gateway } = ctx.config
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
    noRoute: counters.route('public', 'none'),
    hosts: new Set(gateway.hosts),
    routes: routeTree(deps, app),
    forwarder: undiciForwarder,
    live,
    upgrades,
    tunnels,
    clientAddress: clientAddress(gateway.trustedProxies),
    protocol: new URL(gateway.origin).protocol.slice(0, -1),
  }
}

function routeTree(deps: GatewayDeps, app: FastifyInstance): RouteTree<Passage> {
  const { ctx, upstreams, revocation, mint, material, verifier, sessions, counters: metrics } = deps
  const { config } = ctx
  const failures = createLimiter(app, 'failed-authentication', config.gateway.limits.failedAuthRate)
  const stagesOf = stageTable({
    authenticators: {
      bearer: bearerAuthenticator({ verifier, failures, metrics }),
      session: sessionAuthenticator(sessions.authenticator),
    },
    revocation,
    news: deps.events.freshness,
    metrics,
    mint,
    presenter: material.spiffeId,
  })
  const compiled = compileRoutes({ config, app, upstreams, metrics })
  const matches = new Map(config.routes.map((route) => [route.id, route.match]))
  return new RouteTree(
    compiled.flatMap((route) => {
      const match = matches.get(route.id)
      if (match === undefined) return []
      const { path, methods, hosts = [] } = match
      return [{ path, methods, hosts, value: { route, stages: stagesOf(route) } }]
    }),
  )
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
  { ctx, accessLog, counters, sessions }: GatewayDeps,
  { hosts, clientAddress: address }: PublicDoorDeps,
): void {
  const limiter = createLimiter(scope, 'own', ctx.config.gateway.limits.rate)
  protectOwnRoutes(scope, { hosts, limiter, clientAddress: address })
  tellOfResponses(scope, { accessLog, metrics: counters, door: 'public' })
  sessions.register(scope)
  registerWeb(scope, { issuer: ctx.config.issuer, sessions })
}
