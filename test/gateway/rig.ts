import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@gatehouse/kit/clock'
import { loadConfig } from '@gatehouse/kit/config/load'
import type { Config, RouteConfig } from '@gatehouse/kit/config/types'
import { fileSignatureNow } from '@gatehouse/kit/file-signature'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { createLogger } from '@gatehouse/kit/log'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { dataPaths, type DataPaths } from '@gatehouse/kit/paths'
import { prepareDataFolder } from '@gatehouse/kit/prepare'
import { MasterKey } from '@gatehouse/kit/secrets'
import { writeFileSync } from 'node:fs'
import type { LagSource } from '../../gateway/overload/lag.ts'
import { start } from '../../gateway/start.ts'
import { installClock, type TestClock } from '../harness/clock.ts'
import { composeConfig, patience } from '../harness/config.ts'
import { eventually, until } from '../harness/eventually.ts'
import { freePortBase } from '../harness/ports.ts'
import { CapturedLog } from '../harness/service.ts'
import { send, type Answer, type Sending } from './client.ts'
import { FakeIssuer } from './fake-issuer.ts'
import { FakeUpstream } from './fake-upstream.ts'

type Test = { teardown(run: () => Promise<void>): unknown }
const services = ['users', 'orders', 'inventory'] as const
type ServiceName = (typeof services)[number]

export interface RigOptions {
  /** YAML over the default configuration. */
  readonly config?: string
  /** Refused tokens that an address may send in a minute; by default more than any test does. */
  readonly failedAuthentications?: number
  /** How late the event loop is; by default never, since what else the machine does is no load of this gateway. */
  readonly lag?: LagSource
  /** Whether each WebSocket has a connection to the service of its own; by default they share one. */
  readonly websocketsAlone?: boolean
  /** What happens between the reading of the configuration and the start. */
  readonly meanwhile?: (file: string) => void
  /** Check by the routes' contracts. Otherwise they take anything, as the fake services do. */
  readonly contracts?: boolean
}

/** The real gateway between a fake issuer and fake services, on the default configuration's ports. */
export interface Rig {
  readonly config: Config
  readonly paths: DataPaths
  readonly clock: TestClock
  readonly log: CapturedLog
  readonly gateway: RunningPart
  readonly issuer: FakeIssuer
  readonly services: Readonly<Record<ServiceName, FakeUpstream>>
  readonly port: number
  /** `host:port` of the public door. */
  readonly host: string
  /** A request to the public door, with a good token unless `token` says otherwise. */
  call(sending: Sending & { readonly token?: string | null }): Promise<Answer>
  /** A request to the internal door by a workload; `null`: without a certificate. */
  inside(as: string | null, sending: Sending): Promise<Answer>
  /** Writes other YAML over the default configuration into the file that the gateway follows. */
  configure(config: string): void
  /** How many requests the services got since the start. */
  reached(): number
  metrics(): Promise<string>
  /** The log lines of requests, once so many are written, and no more of them come. By default there is one at least. */
  lines(atLeast?: number): Promise<readonly Record<string, unknown>[]>
}

export async function startRig(t: Test, options: RigOptions = {}): Promise<Rig> {
  const clock = installClock()
  clock.hold()
  const undo: (() => unknown)[] = [() => clock.restore()]
  t.teardown(async () => {
    for (const step of undo.toReversed()) await step()
  })
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-gateway-'))
  undo.push(() => rmSync(dir, { recursive: true, force: true }))
  const { config, paths, portBase, source } = await prepare(dir, options)
  const material = (name: string) => loadWorkload(paths.certs, config.trustDomain, name)
  const issuer = await FakeIssuer.start(portBase + 1)
  undo.push(() => issuer.stop())
  const upstream = async (name: ServiceName): Promise<FakeUpstream> => {
    const fake = await FakeUpstream.start(
      material(name),
      portBase + 1001 + services.indexOf(name),
      !(options.websocketsAlone ?? false),
    )
    undo.push(() => fake.stop())
    return fake
  }
  const fakes = {
    users: await upstream('users'),
    orders: await upstream('orders'),
    inventory: await upstream('inventory'),
  }
  const log = new CapturedLog()
  const ctx: PartContext = {
    config,
    paths,
    clock: systemClock,
    log: createLogger({ name: 'gateway', destination: log.destination }),
    masterKey: MasterKey.fromFile(paths.masterKey),
    production: false,
    source,
  }
  options.meanwhile?.(source.file)
  const gateway = await start(ctx, options.lag ?? (() => () => undefined))
  undo.push(() => gateway.stop())
  await untilReady(gateway)
  const inside = insideClients(config, material, undo)
  return {
    config,
    paths,
    clock,
    log,
    gateway,
    issuer,
    services: fakes,
    port: portBase,
    host: `localhost:${portBase}`,
    inside,
    configure: (text) => writeFileSync(source.file, composeConfig(patience, text)),
    call: ({ token = issuer.token(), headers = {}, ...rest }) =>
      send(portBase, {
        ...rest,
        headers: token === null ? headers : { authorization: `Bearer ${token}`, ...headers },
      }),
    reached: () => Object.values(fakes).reduce((sum, fake) => sum + fake.seen.length, 0),
    metrics: async () => (await fetch(`${gateway.urls['admin']}/metrics`)).text(),
    lines: (atLeast = 1) => settledLines(log, atLeast),
  }
}

/** A moment is some looks, not some time: a pause of this process ends none of them without what comes meanwhile. */
async function settledLines(log: CapturedLog, atLeast: number): Promise<readonly Record<string, unknown>[]> {
  await eventually(() => log.requests().length >= atLeast)
  let known = log.requests().length
  for (let quietLooks = 0; quietLooks < 3;) {
    await sleep(50)
    const { length } = log.requests()
    quietLooks = length === known ? quietLooks + 1 : 0
    known = length
  }
  return log.requests()
}

async function prepare(dir: string, options: RigOptions) {
  const portBase = await freePortBase()
  const file = join(dir, 'gatehouse.yaml')
  writeFileSync(file, composeConfig(patience, options.config))
  const paths = dataPaths(dir)
  const load = (): Config => {
    const loaded = loadConfig({ file, dataDir: dir, portBase, env: {} })
    const failedAuthRate = { count: options.failedAuthentications ?? 1_000_000, windowMs: 60_000 }
    const limits = { ...loaded.gateway.limits, failedAuthRate }
    // The fake issuer sends no security events.
    const revocation = { ...loaded.revocation, issuer: false }
    const routes = options.contracts === true ? loaded.routes : loaded.routes.map(withoutContract)
    return { ...loaded, routes, revocation, gateway: { ...loaded.gateway, limits } }
  }
  const signature = fileSignatureNow(file)
  const config = load()
  prepareDataFolder(paths, config, { production: false, clock: systemClock })
  return { config, paths, portBase, source: { file, signature, lookEveryMs: 50, load: async () => load() } }
}

function withoutContract(route: RouteConfig): RouteConfig {
  return { ...route, contract: undefined }
}

async function untilReady(gateway: RunningPart): Promise<void> {
  await until(async () => (await fetch(`${gateway.urls['admin']}/readyz`)).status === 200)
}

function insideClients(
  config: Config,
  material: (name: string) => ReturnType<typeof loadWorkload>,
  undo: (() => unknown)[],
): Rig['inside'] {
  const origin = config.gateway.internal.origin
  const expected = spiffeId(config.trustDomain, 'gateway')
  return async (as, { method = 'GET', path, headers = {}, body }) => {
    const own = material(as ?? 'orders')
    const pool = createMtlsClient({
      material: as === null ? { ...own, cert: '', key: '' } : own,
      expected,
      origin,
      connectTimeoutMs: 15_000,
    })
    undo.push(() => pool.destroy())
    const answer = await pool.request({ method, path, headers: { ...headers }, body: body ?? null })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) }
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(text)) }
  } catch {
    return {}
  }
}
