import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Logger } from '@gatehouse/kit/log'
import type { Metrics } from '@gatehouse/kit/metrics'
import type { PartContext } from '@gatehouse/kit/part'
import type { Store } from '@gatehouse/kit/store/open'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { Problem } from '@gatehouse/kit/errors'
import type { Caller } from '../authn/caller.ts'
import { callerOfSession } from '../authn/session.ts'
import type { SessionAuthenticator } from '../authn/session-authenticator.ts'
import type { RevocationIndex } from '../revocation/index.ts'
import type { GatewayTables } from '../store.ts'
import { createFailurePage } from '../web/failure-page.ts'
import { createAuthenticator, createResolver, type SessionResolver } from './authenticator.ts'
import type { IssuerKeys } from './backchannel-logout.ts'
import { readClientKey } from './client-key.ts'
import { cookieValues, sessionCookie } from './cookies.ts'
import { csrfToken } from './csrf.ts'
import { EndedElsewhere } from './ended-elsewhere.ts'
import { Ending } from './ending.ts'
import { LoginCookies } from './login-attempt.ts'
import { createRelyingParty, type MachineToken, type RelyingParty } from './relying-party.ts'
import { type RenewalResult, Renewals } from './renewal.ts'
import { registerAuthRoutes } from './routes.ts'
import { ownSessions } from './own-sessions.ts'
import { type ListedSession, type SessionInfo, sessionInfo } from './session-info.ts'
import type { SessionStore } from './session-storage.ts'
import { SqlSessionStore } from './session-store.ts'
import { openSession, sealRecord } from './session.ts'
import { Sessions } from './sessions.ts'
import { startSweeper, type SweeperOptions } from './sweeper.ts'

const closeGraceMs = 1000

export interface SessionsDeps {
  readonly ctx: PartContext
  /** The gateway's store (`openGatewayStore`); who opened it closes it, after `close` here. */
  readonly store: Store<GatewayTables>
  /** @throws TokenRejected */
  readonly verifyAccessToken: (token: string) => Promise<AccessClaims>
  /** Where the IdP's public keys are found, for logout tokens. */
  readonly issuerKeys: IssuerKeys
  readonly revocation: RevocationIndex
  readonly metrics: Metrics
  readonly log: Logger
}

/** What a page of our own may know of the session that it is shown in. */
export interface SessionView {
  readonly info: SessionInfo
  /** Value of the `csrf` field of its forms. */
  readonly csrf: string
  /** As which it is judged. */
  readonly caller: Caller
  /** Of the same account, this one among them. */
  readonly sessions: readonly ListedSession[]
}

/** Those of one login, or those of one account that began at `until` (milliseconds since the epoch) or before. */
export type EndedSessions =
  | { readonly by: 'sid'; readonly value: string }
  | { readonly by: 'sub'; readonly value: string; readonly until: number }

export interface SessionPart {
  readonly authenticator: SessionAuthenticator
  /** Adds everything under /auth. */
  register(app: FastifyInstance): void
  /** The session of a page that is being shown, or nothing. @throws Problem `store_unavailable`, `upstream_unavailable` */
  view(request: IncomingMessage): Promise<SessionView | undefined>
  /** A token of the gateway's own. @throws IdpUnavailable, IdpRefused */
  ownToken(resource: string, scope: string): Promise<MachineToken>
  /** Whether this is the first use of `id`, at all gateways; remembered until `expiresAt`, ms. @throws StoreError */
  useOnce(id: string, expiresAt: number): Promise<boolean>
  /** RFC 7662, at the IdP. @throws IdpUnavailable, IdpRefused */
  introspect(accessToken: string): Promise<object>
  /** Ends sessions of which somebody says that they are over. @returns how many. @throws StoreError */
  endThose(which: EndedSessions): Promise<number>
  /** Tells of each session that has ended, by its key. */
  onEnded(listener: (key: string) => void): void
  /**
   * Looks every few seconds whether sessions that something is open on have ended at another gateway.
   * @param open their keys, and since when (milliseconds since the epoch)
   */
  lookAfter(open: () => ReadonlyMap<string, number>): void
  /** Whether sessions can be looked up. The IdP may be away: those who are signed in go on. */
  ready(): Promise<boolean>
  close(): Promise<void>
}

/** Browser sessions: login, cookie, renewal, logout. */
export async function createSessions(deps: SessionsDeps): Promise<SessionPart> {
  const { ctx, log } = deps
  const { config, clock } = ctx
  const { origin, clientId } = config.gateway
  const relyingParty = await openRelyingParty(deps)
  const { store, closeStore } = await openSessionStore(deps)
  const renewals = createRenewals(deps, store, relyingParty)
  const sessions = new Sessions({ ...sessionOptions(deps), store }, renewals)
  const resolve = createResolver(sessions, origin)
  const upkeep = upkeepOf({ store, clock, log, idleMs: config.gateway.session.idleMs }, sessions)
  const logins = deps.metrics.counter('gatehouse_logins_total', 'Sign-ins by their outcome.', ['result'])
  return {
    authenticator: createAuthenticator(resolve),
    register: (app) =>
      registerAuthRoutes(app, {
        ...deps,
        relyingParty,
        store,
        sessions,
        ending: new Ending({ sessions, relyingParty, revocation: deps.revocation, clock, log }),
        resolve,
        clock,
        origin,
        clientId,
        issuer: config.issuer,
        cookies: new LoginCookies(ctx.masterKey, clock),
        failurePage: createFailurePage(config.issuer),
        countLogin: (result) => logins.child({ result }).inc(),
      }),
    onEnded: (listener) => sessions.onEnded(listener),
    lookAfter: upkeep.lookAfter,
    view: (request) => view(request, resolve, sessions),
    useOnce: (id, expiresAt) => store.useOnce(id, expiresAt),
    introspect: (accessToken) => relyingParty.introspect(accessToken),
    ownToken: (resource, scope) => relyingParty.clientCredentials(resource, scope),
    endThose: (which) =>
      which.by === 'sid' ? sessions.endBy('sid', which.value) : sessions.endUntil(which.value, which.until),
    ready: readiness(store, log),
    close: async () => {
      const settled = Promise.all([upkeep.stop(), renewals.settle()])
      await Promise.race([settled, delay(closeGraceMs, undefined, { ref: false })])
      await relyingParty.close()
      closeStore()
    },
  }
}

async function openRelyingParty({ ctx, log }: SessionsDeps): Promise<RelyingParty> {
  const { config, clock } = ctx
  const { origin, clientId, session } = config.gateway
  return createRelyingParty({
    issuer: config.issuer,
    clientId,
    origin,
    resource: config.resource,
    scopes: session.scopes,
    endsLogins: config.revocation.issuer,
    clientKey: await readClientKey(ctx.paths.gatewayClientKey),
    clock,
    log,
  })
}

/** On Valkey where the configuration names one, whose client is loaded then; beside the keys otherwise. */
async function openSessionStore({ ctx, store, log }: SessionsDeps): Promise<{
  readonly store: SessionStore
  readonly closeStore: () => void
}> {
  const url = ctx.config.gateway.session.store
  if (url === undefined) return { store: new SqlSessionStore(store.db), closeStore: () => undefined }
  const { ValkeySessionStore } = await import('./valkey-session-store.ts')
  const valkey = new ValkeySessionStore(url, log)
  return { store: valkey, closeStore: () => valkey.close() }
}

/** What is done at the store now and then. */
function upkeepOf(options: SweeperOptions, sessions: Sessions) {
  const started = [startSweeper(options)]
  const ended = (key: string): void => sessions.endedElsewhere(key)
  return {
    lookAfter: (open: () => ReadonlyMap<string, number>): void => {
      started.push(new EndedElsewhere({ ...options, open, ended }).start())
    },
    stop: () => Promise.all(started.map((stop) => stop())),
  }
}

function sessionOptions({ ctx, revocation, log }: SessionsDeps) {
  const { config, masterKey, clock } = ctx
  const { idleMs, absoluteMs, perAccount } = config.gateway.session
  return {
    masterKey,
    clock,
    log,
    revocation,
    idleMs,
    absoluteMs,
    perAccount,
    issuer: config.issuer,
    audience: config.resource,
  }
}

function createRenewals(deps: SessionsDeps, store: SessionStore, relyingParty: RelyingParty): Renewals {
  const { ctx, log, metrics, verifyAccessToken } = deps
  const { config, masterKey, clock } = ctx
  const renewed = metrics.counter(
    'gatehouse_session_renewals_total',
    'Renewals of session tokens by outcome.',
    ['result'],
  )
  return new Renewals({
    store,
    relyingParty,
    clock,
    log,
    verifyAccessToken,
    seal: (record, key) => sealRecord(record, key, masterKey),
    open: (row) => openSession(row, masterKey, { issuer: config.issuer, audience: config.resource }),
    count: (result: RenewalResult) => renewed.child({ result }).inc(),
  })
}

async function view(
  request: IncomingMessage,
  resolve: SessionResolver,
  sessions: Sessions,
): Promise<SessionView | undefined> {
  const session = await resolve(request)
  const [sessionId] = cookieValues(request.headers.cookie, sessionCookie)
  if (session === undefined || sessionId === undefined) return undefined
  if (session instanceof Problem) {
    if (session.status >= 500) throw session
    return undefined
  }
  return {
    info: sessionInfo(session, sessions.idleEnd(session)),
    csrf: csrfToken(sessionId),
    caller: callerOfSession(session.credential),
    sessions: await ownSessions(sessions, session),
  }
}

/** Says once why not, until it is over: who takes out a gateway that is not ready sends it no request that would tell. */
function readiness(store: SessionStore, log: Logger): () => Promise<boolean> {
  let isAway = false
  return async () => {
    try {
      await store.find('')
      isAway = false
    } catch (error) {
      if (!isAway) log.warn({ err: error }, 'not ready: the store of the sessions does not answer')
      isAway = true
    }
    return !isAway
  }
}
