import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '@gatehouse/kit/config/types'
import { type PartName, partNames } from '@gatehouse/kit/part'
import type { DataPaths } from '@gatehouse/kit/paths'
import type { ServiceContext } from '@gatehouse/kit/service/context'
import { boot, type Booted } from './boot.ts'
import { installClock, type TestClock } from './clock.ts'
import { composeConfig, patience } from './config.ts'
import type { CookieJar } from './cookie-jar.ts'
import { CredentialsFile } from './credentials.ts'
import { accessTokenOf, requestMachineToken, type TokenRequest } from './machine-token.ts'
import { startPart } from './parts.ts'
import { type Received, ReceivedRequests } from './received.ts'
import { type SessionClient, signIn } from './session.ts'
import { requestUserToken } from './user-token.ts'
import { newWorkload } from './workload.ts'

export interface PlatformOptions {
  /** YAML over the default configuration (config.ts says how they are merged). */
  readonly config?: string
  /** Default: all five. */
  readonly only?: readonly PartName[]
  /** The test; the platform stops itself when it ends. tap's `t`, or the context of `node:test`. */
  readonly t?: { teardown(run: () => Promise<void>): unknown } | { after(run: () => Promise<void>): unknown }
}

/** The real parts of Gatehouse, running in this process. */
export class Platform {
  readonly clock: TestClock
  readonly config: Config
  readonly paths: DataPaths
  readonly portBase: number
  readonly credentials: CredentialsFile
  readonly #booted: Booted
  readonly #received: ReceivedRequests
  #stopped: Promise<void> | undefined

  constructor(booted: Booted, clock: TestClock, received: ReceivedRequests) {
    this.clock = clock
    this.config = booted.config
    this.paths = booted.paths
    this.portBase = booted.portBase
    this.credentials = new CredentialsFile(booted.paths)
    this.#booted = booted
    this.#received = received
  }

  /** A part's URLs: gateway `public` `internal` `admin`; idp `issuer` `admin`; services `url`. */
  url(part: PartName, name = standardUrl(part)): string {
    const found = this.#booted.running.get(part)?.urls[name]
    if (found === undefined) throw new Error(`${part} does not run here, or has no URL "${name}"`)
    return found
  }

  /** Sends a request to the public door; redirects are not followed. */
  fetch(path: string, init: RequestInit & { readonly token?: string } = {}): Promise<Response> {
    const { token, ...rest } = init
    const headers = new Headers(init.headers)
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const url = new URL(path, this.url('gateway'))
    return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...rest, headers })
  }

  /** An access token for a machine client, by client credentials. */
  async token(request: TokenRequest = {}): Promise<string> {
    return accessTokenOf(await this.requestToken(request))
  }

  /** The same request; the token endpoint's answer as it is. */
  requestToken(request: TokenRequest = {}): Promise<Response> {
    const secret = this.credentials.clientSecret(request.client ?? 'demo-machine')
    const issuer = this.url('idp')
    return requestMachineToken(
      `${issuer}/oauth/token`,
      request,
      secret === undefined ? { jwkFile: this.paths.demoMachineKey, issuer } : { secret },
    )
  }

  /** A person's own access token (client `demo-native`, code and PKCE through the real pages). */
  async userToken(username: string, options: { readonly scope?: string } = {}): Promise<string> {
    const password = this.credentials.password(username)
    const request = { issuer: this.url('idp'), username, password, scope: options.scope }
    return accessTokenOf(await requestUserToken(request))
  }

  /** Signs in at the gateway through the real pages. */
  signIn(username: string, options: { readonly cookies?: CookieJar } = {}): Promise<SessionClient> {
    const password = this.credentials.password(username)
    return signIn({ origin: this.url('gateway'), username, password, cookies: options.cookies })
  }

  /** What a part's main listener received, oldest first; of the gateway also `internal` and `admin`. */
  received(part: PartName, name = standardUrl(part)): readonly Received[] {
    return this.#received.at(Number(new URL(this.url(part, name)).port))
  }

  forgetReceived(): void {
    this.#received.clear()
  }

  /** The lines that a part, or all of them, logged. */
  logs(part?: string): readonly string[] {
    return this.#booted.logs.of(part)
  }

  /** For a service of your own behind this gateway: a certificate in its name, and what `startService` wants to know. */
  workload(name: string, at: { readonly port: number }): Promise<ServiceContext> {
    const { config, paths } = this
    return newWorkload(name, at.port, { config, paths, log: this.#booted.logs.destination(name) })
  }

  /** Stops a part and starts it again on the same data and ports, until all are ready as they were at the start. */
  async restart(part: PartName): Promise<void> {
    await this.stopPart(part)
    await this.startPart(part)
    const { running } = this.#booted
    if (running.has('gateway') && running.has('idp')) await this.ready()
  }

  async stopPart(part: PartName): Promise<void> {
    await this.#booted.running.get(part)?.stop()
    this.#booted.running.delete(part)
  }

  /** Does not wait until it is ready: a gateway refuses what it cannot know until the identity server has told it. */
  async startPart(part: PartName): Promise<void> {
    this.#booted.running.set(part, await startPart(this.#booted.contextFor(part), part))
  }

  /** Waits until the gateway has its keys and knows its upstreams. */
  async ready(): Promise<void> {
    const deadline = performance.now() + 20_000
    while (performance.now() < deadline) {
      const answer = await fetch(`${this.url('gateway', 'admin')}/readyz`, {
        signal: AbortSignal.timeout(20_000),
      })
      await answer.body?.cancel()
      if (answer.ok) return
      await sleep(10)
    }
    throw new Error('the gateway was not ready within 20 s')
  }

  /** Stops everything, removes the data folder and puts the clock back. Any number of times. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#booted.running.values()].map((part) => part.stop()))
    this.#received.stop()
    this.clock.restore()
    rmSync(this.paths.dir, { recursive: true, force: true })
  }
}

/**
 * Boots the real parts in this process, with data in a temporary folder and a clock that can be moved.
 * @throws StartError (ConfigError among them) as production would
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const { config, only = partNames, t } = options
  const platform = await bootPlatform(only, config)
  const stop = () => platform.stop()
  try {
    if (t !== undefined && 'teardown' in t) t.teardown(stop)
    else t?.after(stop)
    if (only.includes('gateway') && only.includes('idp')) await platform.ready()
    return platform
  } catch (error) {
    // Who asked for it gets the error in its place, and could not stop it.
    await stop()
    throw error
  }
}

async function bootPlatform(only: readonly PartName[], config: string | undefined): Promise<Platform> {
  const clock = installClock()
  const received = new ReceivedRequests()
  try {
    const text = composeConfig(patience, await storesWanted(only), config)
    return new Platform(await boot(only, text), clock, received)
  } catch (error) {
    received.stop()
    clock.restore()
    throw error
  }
}

/** With this set to the URL of a database, the suites run on that PostgreSQL server instead of on SQLite. */
async function storesWanted(only: readonly PartName[]): Promise<string | undefined> {
  const url = process.env['GATEHOUSE_TEST_DATABASE']
  if (url === undefined) return undefined
  const { testStores } = await import('./test-stores.ts')
  return testStores(url, only)
}

function standardUrl(part: PartName): string {
  if (part === 'gateway') return 'public'
  return part === 'idp' ? 'issuer' : 'url'
}
