import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as send } from 'undici'
import { loadConfig } from '@gatehouse/kit/config/load'
import { createHttpServer, listen } from '@gatehouse/kit/http/server'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import type { PartContext } from '@gatehouse/kit/part'
import { dataPaths } from '@gatehouse/kit/paths'
import { prepareClientKey } from '@gatehouse/kit/prepare/client-key'
import { MasterKey } from '@gatehouse/kit/secrets'
import type { Store } from '@gatehouse/kit/store/open'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import { AccessTokenVerifier } from '../../../gateway/authn/access-token-verifier.ts'
import { verifyIssued } from '../../../gateway/authn/issued-token.ts'
import { RevocationIndex } from '../../../gateway/revocation/index.ts'
import { createSessions } from '../../../gateway/sessions/index.ts'
import { type GatewayTables, openGatewayStore } from '../../../gateway/store.ts'
import { ownApi } from '../../../gateway/web/own-api.ts'
import { registerWeb } from '../../../gateway/web/index.ts'
import { installClock, type TestClock } from '../../harness/clock.ts'
import { composeConfig } from '../../harness/config.ts'
import { CookieJar } from '../../harness/cookie-jar.ts'
import { isRecord } from '../../harness/json.ts'
import { freePortBase } from '../../harness/ports.ts'
import type { FakeIdp } from './idp.ts'

export interface DoorOptions {
  readonly issuer: string
  /** YAML under `gateway:`, such as `session: { idle: 10m, absolute: 1h }`. */
  readonly session?: string
  /** Another gateway: the same store, key and origin, its own process memory. */
  readonly beside?: Door
  /** Puts something between the sessions and their store. */
  readonly wrapStore?: (store: Store<GatewayTables>) => Store<GatewayTables>
}

/** A public door with the real sessions and the real web app, and one route `/api/echo` that a session opens. */
export interface Door {
  readonly origin: string
  readonly url: string
  readonly ctx: PartContext
  readonly clock: TestClock
  readonly revocation: RevocationIndex
  /** Requests that came as far as the route behind the session. */
  readonly reached: { count: number }
  /** Keys of the sessions that ended, as what is open on them is told. */
  readonly ended: string[]
  readonly logs: string[]
  readonly storeFile: string
  /** What `/readyz` asks of the sessions. */
  ready(): Promise<boolean>
}

type Teardown = { teardown(run: () => Promise<void> | void): unknown }

export async function startDoor(t: Teardown, options: DoorOptions): Promise<Door> {
  const clock = options.beside?.clock ?? movableClock(t)
  const logs: string[] = []
  const base = options.beside === undefined ? await freePortBase() : 0
  const ctx = options.beside?.ctx ?? makeContext(t, options, base, clock, logs)
  const opened = await openGatewayStore(ctx)
  const store = options.wrapStore?.(opened) ?? opened
  const log = ctx.log
  const jwks = new JwksClient({ fetch: () => fetchKeys(options.issuer), clock, log })
  const verifier = new AccessTokenVerifier({
    jwks,
    clock,
    issuer: options.issuer,
    audience: ctx.config.resource,
  })
  const revocation = new RevocationIndex({ clock, log, retentionMs: 600_000 })
  const sessions = await createSessions({
    ctx,
    store,
    verifyAccessToken: (token) => verifyIssued({ verifier, jwks }, token),
    issuerKeys: jwks,
    revocation,
    metrics: new Metrics(),
    log,
  })
  const reached = { count: 0 }
  const ended: string[] = []
  sessions.onEnded((key) => void ended.push(key))
  const app = createHttpServer({ log })
  sessions.register(app)
  const { origin } = ctx.config.gateway
  registerWeb(app, {
    issuer: options.issuer,
    origin,
    clock,
    sessions,
    api: ownApi(app, origin),
    rules: () => [],
  })
  app.register(async (scope) => {
    // As at the real door, where a body is not looked at before the caller is known.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all('/api/echo', async (request, reply) => {
      const outcome = await sessions.authenticator.authenticate(request.raw)
      if (outcome.kind === 'reject') throw outcome.problem
      reached.count += outcome.kind === 'identity' ? 1 : 0
      return outcome.kind === 'abstain' ? reply.code(401).send({ code: 'abstained' }) : outcome.session
    })
  })
  const { port } = options.beside === undefined ? ctx.config.gateway.listen : { port: await freePortBase() }
  await listen(app, { host: 'localhost', port })
  t.teardown(async () => {
    await app.close()
    await sessions.close()
    jwks.stop()
    await opened.close()
  })
  const storeFile = join(ctx.paths.dir, 'gateway.sqlite')
  const url = `http://localhost:${port}`
  const ready = () => sessions.ready()
  return { origin, url, ctx, clock, revocation, reached, ended, logs, storeFile, ready }
}

function movableClock(t: Teardown): TestClock {
  const clock = installClock()
  clock.hold()
  t.teardown(() => clock.restore())
  return clock
}

function makeContext(
  t: Teardown,
  options: DoorOptions,
  portBase: number,
  clock: TestClock,
  logs: string[],
): PartContext {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-sessions-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'gatehouse.yaml')
  const session = options.session ?? 'session: { idle: 2h, absolute: 12h }'
  writeFileSync(file, composeConfig(`issuer: ${options.issuer}\ngateway: { ${session} }`))
  const paths = dataPaths(dir)
  prepareClientKey(paths.gatewayClientKey)
  return {
    config: loadConfig({ file, dataDir: dir, portBase, env: {} }),
    paths,
    clock,
    log: createLogger({
      name: 'gateway',
      level: 'trace',
      destination: { write: (line) => void logs.push(line) },
    }),
    masterKey: MasterKey.generate(),
    production: false,
  }
}

async function fetchKeys(issuer: string): Promise<unknown> {
  const answer = await fetch(`${issuer}/jwks`, { signal: AbortSignal.timeout(20_000) })
  return answer.json()
}

interface BrowserRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A browser as far as these tests need one: cookies, no redirects. */
export class Browser {
  readonly cookies = new CookieJar()
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** By undici's `request`, because `fetch` writes `Sec-Fetch-Mode` itself. */
  async fetch(target: string | URL, init: BrowserRequest = {}): Promise<Response> {
    const url = new URL(target, this.#url)
    const cookie = this.cookies.header(url)
    const answer = await send(url, {
      method: init.method ?? 'GET',
      headers: { ...(cookie === '' ? {} : { cookie }), ...init.headers },
      body: init.body ?? null,
      signal: AbortSignal.timeout(15_000),
    })
    const headers = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const line of [value ?? []].flat()) headers.append(name, line)
    }
    const text = await answer.body.text()
    const response = new Response(text === '' ? null : text, { status: answer.statusCode, headers })
    this.cookies.store(url, response)
    return response
  }

  get session(): string | undefined {
    return this.cookies.get('__Host-gatehouse')
  }
}

/** Something in a JSON answer, by its path. */
export async function jsonAt(response: Response, ...path: readonly string[]): Promise<unknown> {
  let found: unknown = await response.json()
  for (const name of path) found = isRecord(found) ? found[name] : undefined
  return found
}

/** The `code` of a problem document. */
export function codeOf(response: Response): Promise<unknown> {
  return jsonAt(response, 'code')
}

/** Signs in as the fake's person. @returns the answer of the callback */
export async function signIn(
  browser: Browser,
  idp: FakeIdp,
  returnTo = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const started = await browser.fetch(`/auth/login?return_to=${encodeURIComponent(returnTo)}`)
  return browser.fetch(idp.authorize(locationOf(started)), { headers })
}

export function locationOf(response: Response): string {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`${response.status} without a location`)
  return location
}
