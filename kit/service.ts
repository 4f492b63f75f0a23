import { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Pool } from 'undici'
import { CallError, createCall, type Call } from './call.ts'
import type { ServiceName } from './config/types.ts'
import type { Caller } from './guard/caller.ts'
import { guardPlugin } from './guard/fastify.ts'
import { createGuard } from './guard/guard.ts'
import { createMtlsClient } from './http/client.ts'
import { createHttpServer, listen, newTxn } from './http/server.ts'
import type { PartContext, RunningPart } from './part.ts'
import { peerSpiffeId, spiffeId, workloadName } from './mtls/identity.ts'
import { loadWorkload, type WorkloadMaterial } from './mtls/material.ts'
import { mtlsServerOptions } from './mtls/tls.ts'
import { internalKeys } from './service/internal-keys.ts'
import { callProblem } from './service/call-problem.ts'
import { logRequests } from './service/request-log.ts'
import type { JwksClient } from './tokens/jwks-client.ts'

export interface ServiceDeps {
  readonly ctx: PartContext
  /** Calls another service on the caller's behalf. */
  readonly call: Call
}

export interface ServiceOptions {
  readonly name: ServiceName
  readonly ctx: PartContext
  /** Registers the service's routes. Each must state `config.guard`. */
  register(app: FastifyInstance, deps: ServiceDeps): Promise<void> | void
  /** Runs once, after the last request is answered, and also when the service could not start. */
  onStop?(): Promise<void>
}

/**
 * Starts a service behind the gateway: mTLS, who is calling (the guard), problem+json errors, `/healthz`, one
 * log line for each request, and `call()` to the others. It starts without the gateway and answers 503
 * `not_ready` until the internal keys have been fetched.
 * @throws StartError when its port or its certificate cannot be used; TypeError for a route without a guard.
 */
export async function startService(options: ServiceOptions): Promise<RunningPart> {
  try {
    return await boot(options)
  } catch (error) {
    await options.onStop?.()
    throw error
  }
}

async function boot(options: ServiceOptions): Promise<RunningPart> {
  const { ctx, name } = options
  const material = loadWorkload(ctx.paths.certs, ctx.config.trustDomain, name)
  const door = internalDoor(ctx, material)
  const jwks = internalKeys({ door, clock: ctx.clock, log: ctx.log })
  const app = createApp(material, ctx)
  const stop = async (): Promise<void> => {
    await app.close()
    jwks.stop()
    await door.destroy()
  }
  try {
    await serve(app, options, jwks, createCall({ door }))
    await listen(app, ctx.config.services[name].listen)
  } catch (error) {
    await stop()
    throw error
  }
  void jwks.start()
  return {
    name,
    urls: { url: urlOf(app, ctx.config.services[name].listen.host) },
    stop: once(async () => {
      await stop()
      await options.onStop?.()
    }),
  }
}

async function serve(
  app: FastifyInstance,
  options: ServiceOptions,
  jwks: JwksClient,
  call: Call,
): Promise<void> {
  const { ctx, name } = options
  const callers = new WeakMap<FastifyRequest, Caller>()
  const guard = createGuard({
    service: name,
    trustDomain: ctx.config.trustDomain,
    issuer: ctx.config.gateway.internalIssuer,
    jwks,
    clock: ctx.clock,
  })
  logRequests(app, ctx.log, callers)
  await app.register(guardPlugin, { guard, callers })
  app.get('/healthz', { config: { guard: 'public' } }, () => ({ status: 'ok' }))
  await app.register(async (routes) => {
    // Thrown on purpose: the server's own handler, outside, is the one that writes problems.
    routes.setErrorHandler((error) => {
      throw error instanceof CallError ? callProblem(error) : error
    })
    await options.register(routes, { ctx, call })
  })
}

function createApp(material: WorkloadMaterial, ctx: PartContext): FastifyInstance {
  const app = createHttpServer({
    log: ctx.log,
    https: mtlsServerOptions(material, { clientCertificate: 'require' }),
    fastify: { genReqId: (request) => givenTxn(request.headers['x-request-id']) ?? newTxn() },
  })
  // A certificate of ours that names no workload of this trust domain may not even speak HTTP. Before Node's own
  // listener: once that one has the socket, a request that came with the handshake is served all the same.
  app.server.prependListener('secureConnection', (socket: unknown) => {
    if (!(socket instanceof TLSSocket)) return
    const id = peerSpiffeId(socket)
    if (id === undefined || workloadName(material.trustDomain, id) === undefined) socket.destroy()
  })
  return app
}

/** Every peer is a workload: that it names the transaction is for the log, and decides nothing. */
function givenTxn(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^txn_[A-Za-z0-9_-]{22}$/.test(header) ? header : undefined
}

function internalDoor(ctx: PartContext, material: WorkloadMaterial): Pool {
  return createMtlsClient({
    material,
    expected: spiffeId(ctx.config.trustDomain, 'gateway'),
    origin: ctx.config.gateway.internal.origin,
  })
}

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new TypeError('the server does not listen on a port')
  return `https://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}
