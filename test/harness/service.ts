import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Clock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config } from '@gatehouse/kit/config/types'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import type { PartContext, RunningPart } from '@gatehouse/kit/lifecycle'
import { createLogger } from '@gatehouse/kit/log'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { dataPaths } from '@gatehouse/kit/paths'
import { MasterKey } from '@gatehouse/kit/secrets'
import { patienceMs, readAnswer, whenReady, type Answered } from '@gatehouse/kit/testing/answered'
import { internalIssuer, type Trust } from './internal.ts'
import { root } from './sources.ts'

const defaultConfig = join(root, 'gatehouse.yaml')

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

/** The default configuration, with these services and this door in it. */
function serviceConfig(o: ServiceContextOptions): Config {
  const config = loadConfig({ file: defaultConfig, dataDir: o.trust.certsDir, portBase: 3000, env: {} })
  const listen = { host: '127.0.0.1', port: 0 }
  const service = (name: 'users' | 'orders' | 'inventory') => ({
    listen,
    store: o.stores?.[name] ?? 'sqlite::memory:',
  })
  return {
    ...config,
    trustDomain: o.trust.trustDomain,
    gateway: { ...config.gateway, internalIssuer, internal: { ...listen, origin: o.door } },
    idp: { ...config.idp, demo: o.demo ?? true },
    services: { users: service('users'), orders: service('orders'), inventory: service('inventory') },
  }
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
      connectTimeoutMs: patienceMs,
    })
  }

  /** A service that has no keys yet is asked again. */
  send(o: Send): Promise<Answered> {
    return whenReady(() => this.sendOnce(o))
  }

  /** What it answers as it is, also while it has none. */
  async sendOnce(o: Send): Promise<Answered> {
    const headers: Record<string, string> = { ...o.headers }
    if (o.token !== undefined) headers['authorization'] = `Bearer ${o.token}`
    if (o.body !== undefined) headers['content-type'] = 'application/json'
    const body = o.raw ?? (o.body === undefined ? null : JSON.stringify(o.body))
    return readAnswer(await this.#pool.request({ method: o.method ?? 'GET', path: o.path, headers, body }))
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}
