import { Writable } from 'node:stream'
import type { Clock } from '@gatehouse/kit/clock'
import type { Config } from '@gatehouse/kit/config/types'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import type { PartContext, RunningPart } from '@gatehouse/kit/lifecycle'
import { createLogger } from '@gatehouse/kit/log'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { dataPaths } from '@gatehouse/kit/paths'
import { MasterKey } from '@gatehouse/kit/secrets'
import { internalIssuer, type Trust } from './internal.ts'

/** Log lines of a part, parsed. */
export class CapturedLog {
  readonly lines: Record<string, unknown>[] = []
  readonly destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) {
        this.lines.push({ ...Object(JSON.parse(line)) })
      }
      done()
    },
  })

  requests(): readonly Record<string, unknown>[] {
    return this.lines.filter((line) => line['msg'] === 'request')
  }
}

export interface ServiceContextOptions {
  readonly trust: Trust
  /** Origin of the internal door. */
  readonly door: string
  /** Store URLs; default: SQLite in memory. */
  readonly stores?: Readonly<Partial<Record<'users' | 'orders' | 'inventory', string>>>
  readonly demo?: boolean
  readonly clock?: Clock
  readonly log?: CapturedLog
  readonly masterKey?: MasterKey
}

/** What a service's `start` is given, with every port free and nothing in the data folder but certificates. */
export function serviceContext(o: ServiceContextOptions): PartContext {
  const destination = (o.log ?? new CapturedLog()).destination
  return {
    config: serviceConfig(o),
    paths: { ...dataPaths(o.trust.certsDir), certs: o.trust.certsDir },
    clock: o.clock ?? { now: () => Date.now() },
    log: createLogger({ name: 'test', destination }),
    masterKey: o.masterKey ?? MasterKey.generate(),
    production: false,
  }
}

function serviceConfig(o: ServiceContextOptions): Config {
  const listen = { host: '127.0.0.1', port: 0 }
  const rate = { count: 1000, windowMs: 60_000 }
  const store = (name: 'users' | 'orders' | 'inventory') => ({
    listen,
    store: o.stores?.[name] ?? 'sqlite::memory:',
  })
  return {
    trustDomain: o.trust.trustDomain,
    issuer: 'http://localhost:3001',
    resource: 'urn:gatehouse:api',
    gateway: {
      origin: 'http://localhost:3000',
      listen,
      internal: { ...listen, origin: o.door },
      admin: listen,
      hosts: ['localhost:3000'],
      trustedProxies: [],
      session: { idleMs: 3_600_000, absoluteMs: 86_400_000, perAccount: 20, store: undefined },
      limits: {
        headerBytes: 16_384,
        urlBytes: 8_192,
        bodyBytes: 65_536,
        timeoutMs: 5_000,
        rate,
        failedAuthRate: rate,
      },
      internalIssuer,
      internalTokenMs: 60_000,
      store: 'sqlite::memory:',
      clientId: 'gateway',
    },
    idp: {
      listen,
      admin: listen,
      store: 'sqlite::memory:',
      ttl: {
        accessTokenMs: 300_000,
        refreshTokenMs: 1_209_600_000,
        idTokenMs: 300_000,
        codeMs: 60_000,
        sessionMs: 1_209_600_000,
        grantMs: 1_209_600_000,
        interactionMs: 3_600_000,
      },
      refreshGraceMs: 10_000,
      trustedProxies: [],
      demo: o.demo ?? true,
    },
    services: { users: store('users'), orders: store('orders'), inventory: store('inventory') },
    routes: [],
    upstreams: {},
    edges: [],
    revocation: { issuer: true, maxStalenessMs: 60_000, transmitters: [] },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Undefined when the body is not JSON. */
  readonly json: unknown
}

export interface Send {
  readonly method?: string
  readonly path: string
  readonly token?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, with your own content type. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests to a running service, as a workload; close it at the end. */
export class ServiceClient {
  readonly #pool: ReturnType<typeof createMtlsClient>

  constructor(trust: Trust, service: RunningPart, as = 'gateway') {
    this.#pool = createMtlsClient({
      material: trust.workload(as),
      expected: spiffeId(trust.trustDomain, service.name),
      origin: service.urls['url'] ?? '',
      connections: 32,
    })
  }

  async send(o: Send): Promise<Answer> {
    const headers: Record<string, string> = { ...o.headers }
    if (o.token !== undefined) headers['authorization'] = `Bearer ${o.token}`
    if (o.body !== undefined) headers['content-type'] = 'application/json'
    const body = o.raw ?? (o.body === undefined ? null : JSON.stringify(o.body))
    const answer = await this.#pool.request({ method: o.method ?? 'GET', path: o.path, headers, body })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
