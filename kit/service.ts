import type { FastifyInstance } from 'fastify'
import { CallError, type Call } from './call.ts'
import type { OwnCall } from './call/own.ts'
import { guardPlugin } from './guard/fastify.ts'
import { listen } from './http/server.ts'
import { callProblem } from './service/call-problem.ts'
import type { ServiceContext } from './service/context.ts'
import { describeRoutes } from './service/openapi.ts'
import { logRequests } from './service/request-log.ts'
import { createServiceServer, urlOf } from './service/server.ts'
import { openWorkload, type Workload, type WorkloadOptions } from './workload.ts'

export interface ServiceDeps {
  readonly context: ServiceContext
  /** Calls another service on the caller's behalf. */
  readonly call: Call
  /** Calls another service on this service's own behalf, where an edge has `ownScopes`. */
  readonly callAsSelf: OwnCall
}

export interface ServiceOptions<Name extends string = string> extends WorkloadOptions {
  readonly name: Name
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
  const workload = openWorkload(options)
  const { context } = workload
  const app = createServiceServer(workload)
  const close = async (): Promise<void> => {
    await app.close()
    await workload.stop()
  }
  try {
    await serve(app, options, workload)
    await listen(app, context.listen)
  } catch (error) {
    await close()
    throw error
  }
  workload.start()
  const stop = once(async () => {
    await close()
    await options.onStop?.()
  })
  return { name: options.name, urls: { url: urlOf(app, context.listen.host) }, stop }
}

async function serve(app: FastifyInstance, options: ServiceOptions, workload: Workload): Promise<void> {
  const { guard, context, call, callAsSelf } = workload
  logRequests(app, context.log)
  await app.register(guardPlugin, { guard })
  app.get('/healthz', { config: { guard: 'public' } }, () => ({ status: 'ok' }))
  await app.register(async (routes) => {
    describeRoutes(routes, options.name)
    // Thrown on purpose: the server's own handler, outside, is the one that writes problems.
    routes.setErrorHandler((error) => {
      throw error instanceof CallError ? callProblem(error) : error
    })
    await options.register(routes, { context, call, callAsSelf })
  })
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}
