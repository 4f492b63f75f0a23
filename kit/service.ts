import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Pool } from 'undici'
import { CallError, createCall, type Call } from './call.ts'
import { createOwnCall, type OwnCall } from './call/own.ts'
import type { Caller } from './guard/caller.ts'
import { guardPlugin } from './guard/fastify.ts'
import { createGuard, type Guard } from './guard/guard.ts'
import { createMtlsClient } from './http/client.ts'
import { listen } from './http/server.ts'
import { LiveWorkload } from './mtls/live.ts'
import { spiffeId } from './mtls/identity.ts'
import { callProblem } from './service/call-problem.ts'
import { contextFromEnvironment, type ServiceContext } from './service/context.ts'
import { internalKeys } from './service/internal-keys.ts'
import { describeRoutes } from './service/openapi.ts'
import { logRequests } from './service/request-log.ts'
import { createServiceServer, urlOf } from './service/server.ts'

export interface ServiceDeps {
  readonly context: ServiceContext
  /** Calls another service on the caller's behalf. */
  readonly call: Call
  /** Calls another service on this service's own behalf, where an edge has `ownScopes`. */
  readonly callAsSelf: OwnCall
}

export interface ServiceOptions<Name extends string = string> {
  /** The workload's name: in its certificate, as `identity` of its upstream, and as `aud` of its tokens. */
  readonly name: Name
  /** Default: what the environment says (`contextFromEnvironment`). */
  readonly context?: ServiceContext | undefined
  /** Services that `call` connects to by itself, with exchanged and cached tokens: name to `https://host:port`. */
  readonly direct?: Readonly<Record<string, string>> | undefined
  /** Registers the service's routes. Each must state `config.guard`. */
  register(app: FastifyInstance, deps: ServiceDeps): Promise<void> | void
  /** Runs once, after the last request is answered, and also when the service could not start. */
  onStop?(): Promise<void>
}

export interface RunningService<Name extends string = string> {
  readonly name: Name
  readonly urls: { readonly url: string }
  stop(): Promise<void>
}

/**
 * Starts a service behind the gateway: mTLS with certificates that may be renewed while it runs, who is calling (the
 * guard), problem+json errors, `/healthz`, `/openapi.json`, one log line for each request, and `call()` to the others.
 * It starts without the gateway and answers 503 `not_ready` until the internal keys have been fetched.
 * @throws StartError when its port or its certificate cannot be used; TypeError for a route without a guard.
 */
export async function startService<Name extends string>(
  options: ServiceOptions<Name>,
): Promise<RunningService<Name>> {
  try {
    return await boot(options)
  } catch (error) {
    await options.onStop?.()
    throw error
  }
}

async function boot<Name extends string>(options: ServiceOptions<Name>): Promise<RunningService<Name>> {
  const { name, direct = {} } = options
  const context = options.context ?? contextFromEnvironment(name, process.env)
  const { clock, log, trustDomain } = context
  const workload = new LiveWorkload({ files: context.files, name, trustDomain, log })
  const app = createServiceServer(workload, log)
  const door = connect(workload, 'gateway', context.door)
  const others = new Map(Object.entries(direct).map(([to, origin]) => [to, connect(workload, to, origin)]))
  const jwks = internalKeys({ door, clock, log })
  const close = async (): Promise<void> => {
    await app.close()
    jwks.stop()
    workload.stop()
    await Promise.all([door, ...others.values()].map((pool) => pool.destroy()))
  }
  try {
    const own = workload.material.trustDomain
    const issuer = context.issuer ?? `urn:gatehouse:${own}:internal`
    const guard = createGuard({ service: name, trustDomain: own, issuer, jwks, clock })
    const call = createCall({ door, direct: others, clock })
    await serve(app, options, guard, { context, call, callAsSelf: createOwnCall({ door }) })
    await listen(app, context.listen)
  } catch (error) {
    await close()
    throw error
  }
  void jwks.start()
  const stop = once(async () => {
    await close()
    await options.onStop?.()
  })
  return { name, urls: { url: urlOf(app, context.listen.host) }, stop }
}

function connect(workload: LiveWorkload, to: string, origin: string): Pool {
  const expected = spiffeId(workload.material.trustDomain, to)
  return createMtlsClient({ material: () => workload.material, expected, origin })
}

async function serve(
  app: FastifyInstance,
  options: ServiceOptions,
  guard: Guard,
  deps: ServiceDeps,
): Promise<void> {
  const callers = new WeakMap<FastifyRequest, Caller>()
  logRequests(app, deps.context.log, callers)
  await app.register(guardPlugin, { guard, callers })
  app.get('/healthz', { config: { guard: 'public' } }, () => ({ status: 'ok' }))
  await app.register(async (routes) => {
    describeRoutes(routes, options.name)
    // Thrown on purpose: the server's own handler, outside, is the one that writes problems.
    routes.setErrorHandler((error) => {
      throw error instanceof CallError ? callProblem(error) : error
    })
    await options.register(routes, deps)
  })
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}
