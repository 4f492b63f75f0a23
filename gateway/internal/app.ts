import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { problemFrom } from '@gatehouse/kit/http/problem-from'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import type { GatewayDeps } from '../deps.ts'
import { socketAddress } from '../http/client-address.ts'
import { tracing } from '../http/trace-context.ts'
import type { GatewayMetrics, RouteMetrics } from '../metrics.ts'
import { OwnPaths } from '../pipeline/own-paths.ts'
import { tellOfResponses } from '../pipeline/own-routes.ts'
import { takeOver } from '../pipeline/take-over.ts'
import { undiciForwarder } from '../upstream/undici-forwarder.ts'
import type { Edges } from './edges.ts'
import type { ExchangeDeps } from './exchange.ts'
import { internalDoor, type InternalDoorDeps } from './internal-door.ts'
import { internalJwks } from './jwks.ts'
import { ParentTokens } from './parent-token.ts'
import { peerReader, type PeerOf } from './peer.ts'
import { tokenEndpoint, tokenEndpointFailure, type ExchangeFacts } from './token-endpoint.ts'

const formBytes = 64 * 1024

export interface InternalAppDeps extends GatewayDeps {
  readonly edges: Edges
}

/** The internal door: mutual TLS; only the JWKS is for everyone. */
export async function internalApp(deps: InternalAppDeps): Promise<FastifyInstance> {
  const { ctx, material, ring } = deps
  const { headerBytes, urlBytes, bodyBytes } = ctx.config.gateway.limits
  const own = new OwnPaths()
  const door = internalDoor(doorDeps(deps, own))
  const app = createHttpServer({
    log: ctx.log,
    schemas: false,
    https: mtlsServerOptions(material, { clientCertificate: 'request' }),
    limits: { headerBytes, urlBytes, bodyBytes },
    fastify: {
      logger: false,
      frameworkErrors: (error, request, reply) => door.turnAway(request, reply, problemFrom(error)),
    },
  })
  deps.workload.serve(app.server)
  await app.register(async (scope) => {
    own.watch(scope)
    internalJwks(scope, { ring, peerOf: peerOf(deps) })
    await scope.register((inner) => registerTokenEndpoint(inner, deps))
  })
  await app.register(async (scope) => takeOver(scope, door))
  return app
}

async function registerTokenEndpoint(scope: FastifyInstance, deps: InternalAppDeps): Promise<void> {
  scope.removeAllContentTypeParsers()
  await scope.register(formbody, { bodyLimit: formBytes })
  scope.setErrorHandler(tokenEndpointFailure)
  const facts = new WeakMap<FastifyRequest, ExchangeFacts>()
  tellOfResponses(scope, {
    accessLog: deps.accessLog,
    metrics: deps.counters,
    door: 'internal',
    clientAddress: socketAddress,
    more: (request) => facts.get(request),
  })
  scope.post(
    '/token',
    tokenEndpoint({
      ...exchangeDeps(deps),
      peerOf: peerOf(deps),
      note: (request, found) => void facts.set(request, found),
    }),
  )
}

function doorDeps(deps: InternalAppDeps, own: OwnPaths): InternalDoorDeps {
  const { ctx, accessLog, counters: metrics, material } = deps
  const { bodyBytes, timeoutMs } = ctx.config.gateway.limits
  return {
    ...exchangeDeps(deps),
    log: ctx.log,
    accessLog,
    metrics,
    ownHeaders: [],
    noRoute: metrics.route('internal', 'none'),
    forwarder: undiciForwarder(),
    addTrace: tracing(),
    peerOf: peerOf(deps),
    own,
    presenter: material.spiffeId,
    bodyBytes,
    timeoutMs,
    serviceMetrics: serviceMetrics(metrics),
  }
}

/** Made when a service is first asked for: a reload may bring new ones. */
function serviceMetrics(metrics: GatewayMetrics): (service: string) => RouteMetrics {
  const known = new Map<string, RouteMetrics>()
  return (service) => {
    const counts = known.get(service) ?? metrics.route('internal', service)
    known.set(service, counts)
    return counts
  }
}

function exchangeDeps({ ctx, ring, revocation, edges, upstreams, mint }: InternalAppDeps): ExchangeDeps {
  const { clock, config } = ctx
  const { internalIssuer: issuer } = config.gateway
  const parents = new ParentTokens({ ring, clock, issuer, revocation })
  return { parents, edges, upstreams: upstreams.inForce, mint }
}

function peerOf({ ctx }: GatewayDeps): PeerOf {
  return peerReader(ctx.config.trustDomain)
}
