import type { ServerOptions } from 'node:https'
import type { Pool } from 'undici'
import { createCall, type Call } from './call.ts'
import { createOwnCall, type OwnCall } from './call/own.ts'
import { createGuard, type Guard } from './guard/guard.ts'
import { createMtlsClient } from './http/client.ts'
import { spiffeId } from './mtls/identity.ts'
import { LiveWorkload } from './mtls/live.ts'
import { mtlsServerOptions } from './mtls/tls.ts'
import { contextFromEnvironment, type ServiceContext } from './service/context.ts'
import { internalKeys } from './service/internal-keys.ts'

export interface WorkloadOptions {
  /** The workload's name: in its certificate, as `identity` of its upstream, and as `aud` of its tokens. */
  readonly name: string
  /** Default: what the environment says (`contextFromEnvironment`). */
  readonly context?: ServiceContext | undefined
  /** Services that `call` connects to by itself, with exchanged and cached tokens: name to `https://host:port`. */
  readonly direct?: Readonly<Record<string, string>> | undefined
}

/** A place in the house for a server of any kind: `startService` is this and Fastify. */
export interface Workload {
  readonly context: ServiceContext
  readonly trustDomain: string
  /** For `https.createServer`: only workloads of the trust domain get in. */
  readonly tls: ServerOptions
  readonly guard: Guard
  /** Calls another service on the caller's behalf. */
  readonly call: Call
  /** Calls another service on this one's own behalf, where an edge has `ownScopes`. */
  readonly callAsSelf: OwnCall
  /** Hands renewed certificates to a server that was made with `tls`. */
  readonly serve: (server: object) => void
  /** Begins to fetch the internal keys; until they are there, the guard answers 503 `not_ready`. */
  start(): void
  stop(): Promise<void>
}

/** @throws StartError when the workload's certificate cannot be used. */
export function openWorkload(options: WorkloadOptions): Workload {
  const { name, direct = {} } = options
  const context = options.context ?? contextFromEnvironment(name, process.env)
  const { clock, log, trustDomain: expected } = context
  const live = new LiveWorkload({ files: context.files, name, trustDomain: expected, log })
  const { trustDomain } = live.material
  const connect = (to: string, origin: string): Pool =>
    createMtlsClient({
      material: () => live.material,
      expected: spiffeId(trustDomain, to),
      origin,
      onConnect: (socket) => live.watch(socket),
    })
  const door = connect('gateway', context.door)
  const others = new Map(Object.entries(direct).map(([to, origin]) => [to, connect(to, origin)]))
  const keys = internalKeys({ door, clock, log })
  const issuer = context.issuer ?? `urn:gatehouse:${trustDomain}:internal`
  return {
    context,
    trustDomain,
    tls: mtlsServerOptions(live.material, { clientCertificate: 'require' }),
    guard: createGuard({ service: name, trustDomain, issuer, jwks: keys.jwks, clock }),
    call: createCall({ door, direct: others, clock }),
    callAsSelf: createOwnCall({ door }),
    serve: (server) => live.serve(server),
    start: () => keys.start(),
    stop: async () => {
      keys.stop()
      live.stop()
      await Promise.all([door, ...others.values()].map((pool) => pool.destroy()))
    },
  }
}
