import { randomUUID } from 'node:crypto'
import type { Config } from '@gatehouse/kit/config/types'
import { Agent } from '@gatehouse/kit/http/undici'
import { eventsResource, eventsScope, pollPath } from '@gatehouse/kit/events/protocol'
import type { Metrics } from '@gatehouse/kit/metrics'
import type { PartContext } from '@gatehouse/kit/part'
import type { Store } from '@gatehouse/kit/store/open'
import type { JwksClient, VerificationKey } from '@gatehouse/kit/tokens/jwks-client'
import type { RevocationIndex } from '../revocation/index.ts'
import type { EndedSessions, SessionPart } from '../sessions/index.ts'
import { OwnToken } from '../sessions/own-token.ts'
import { applyEffects } from './apply.ts'
import type { Effect } from './effect.ts'
import { ForeignLog } from './foreign-log.ts'
import { ForeignTransmitters } from './foreign.ts'
import { Freshness } from './freshness.ts'
import { pollAgentOptions, pollTransmitter, PollFailed, type Answer, type Poll } from './poll-client.ts'
import { Position } from './position.ts'
import type { TakeSet } from './push.ts'
import { Receiver } from './receiver.ts'
import type { EventTables } from './table.ts'
import { verifySet } from './verify.ts'

const longestWaitMs = 20_000
/** Read again at a restart beyond what is needed, for clocks that differ. */
const overlapMs = 60_000

export interface EventsDeps {
  readonly ctx: PartContext
  readonly store: Store<EventTables>
  readonly jwks: JwksClient
  readonly revocation: RevocationIndex
  /** How long a revocation matters: the longest life of a token. */
  readonly retentionMs: number
  readonly sessions: Pick<SessionPart, 'ownToken' | 'endThose'>
  readonly metrics: Metrics
}

export interface EventsPart {
  readonly freshness: Freshness
  /** Whether everything that was taken away before this process began is known, and no route refuses for want of news. */
  ready(): boolean
  /** These routes are in force. */
  follow(routes: Config['routes']): void
  /** Transmitters that push, by id. */
  readonly pushed: ReadonlyMap<string, TakeSet>
  close(): Promise<void>
}

/** Hears what is taken away, from the issuer. */
export function createEvents(deps: EventsDeps): EventsPart {
  const { revocation, issuer } = deps.ctx.config
  const transmitters = revocation.issuer ? ['issuer'] : []
  const freshness = new Freshness({ maxStalenessMs: revocation.maxStalenessMs, transmitters })
  let mayBeStale = serveStale(deps.ctx.config.routes)
  tellMetrics(deps, freshness)
  const apply = applierOf(deps)
  const foreign = foreignOf(deps, apply)
  const receivers = transmitters.map((transmitter) => {
    const position = new Position(deps.store.db, issuer)
    const { log, clock } = deps.ctx
    const { poll, close } = issuerPoll(deps, position)
    const receiver = new Receiver({
      transmitter,
      poll,
      verify: (set) => verifySet(verification(deps), set),
      apply: ({ effects }) => apply(transmitter, effects),
      position,
      freshness,
      clock,
      log,
    })
    receiver.start()
    return { receiver, close }
  })
  return {
    freshness,
    pushed: foreign.pushed,
    ready: () =>
      foreign.ready &&
      receivers.every(({ receiver }) => receiver.caughtUp) &&
      (mayBeStale || !freshness.isStale()),
    follow: (routes) => void (mayBeStale = serveStale(routes)),
    async close() {
      await foreign.close()
      await Promise.all(receivers.map(({ receiver }) => receiver.stop()))
      await Promise.all(receivers.map(({ close }) => close()))
    },
  }
}

/** Where nobody is authenticated, there is nothing that could have been taken away. */
function serveStale(routes: Config['routes']): boolean {
  return routes.every(({ authn, whenStale }) => authn === 'none' || whenStale === 'serve')
}

type Apply = (transmitter: string, effects: readonly Effect[]) => Promise<void>

function applierOf({ metrics, revocation, sessions, ctx }: EventsDeps): Apply {
  const name = 'gatehouse_security_events_total'
  const events = metrics.counter(name, 'Security events applied.', ['transmitter', 'event'])
  const endSessions = (which: EndedSessions) => sessions.endThose(which)
  return (transmitter, effects) =>
    applyEffects({ revocation, events, endSessions, log: ctx.log }, transmitter, effects)
}

function foreignOf({ ctx, store, retentionMs, revocation }: EventsDeps, apply: Apply): ForeignTransmitters {
  return new ForeignTransmitters({
    ctx,
    log: new ForeignLog(store.db),
    retentionMs,
    position: (transmitter) => new Position(store.db, transmitter),
    apply,
    recall: (entry) => entry.revocations.forEach((one) => revocation.revoke(one)),
  })
}

function verification({ ctx, jwks }: EventsDeps) {
  const { issuer, gateway } = ctx.config
  return {
    keys: { resolve: (kid: string) => keyOfIssuer(jwks, kid) },
    clock: ctx.clock,
    issuer,
    audience: gateway.clientId,
    issuers: new Set([issuer]),
    isOurs: true,
  }
}

/** What it tells us comes from itself: a key of which nobody has heard here is new there. */
async function keyOfIssuer(jwks: JwksClient, kid: string): Promise<VerificationKey | undefined> {
  const known = await jwks.resolve(kid)
  if (known !== undefined) return known
  await jwks.renew()
  return jwks.get(kid)
}

/**
 * Polls the IdP. Each process has a stream of its own, because its memory is its own; it begins with what still matters,
 * or with what nobody heard while all gateways were away, whichever is earlier.
 */
function issuerPoll(deps: EventsDeps, position: Position) {
  const { ctx, sessions, jwks, retentionMs } = deps
  // A whole number: undici takes no other for a timeout, and would send nothing.
  const waitMs = Math.max(1000, Math.min(Math.floor(ctx.config.revocation.maxStalenessMs / 3), longestWaitMs))
  const agent = new Agent(pollAgentOptions(waitMs))
  const token = new OwnToken({
    ask: (resource, scope) => sessions.ownToken(resource, scope),
    resource: eventsResource,
    scope: eventsScope,
    clock: ctx.clock,
  })
  const url = new URL(pollPath, ctx.config.issuer)
  url.searchParams.set('stream', randomUUID())
  const poll = async (asked: Poll, signal: AbortSignal): Promise<Answer> => {
    // Before the keys are there, the IdP is not, and nothing of it could be verified.
    if (!jwks.ready()) throw new PollFailed('the keys of the issuer are not here yet')
    const now = ctx.clock.now()
    const since = Math.min(now - retentionMs, (await position.read()) ?? now) - overlapMs
    url.searchParams.set('since', String(Math.max(0, Math.floor(since / 1000))))
    try {
      return await pollTransmitter({ agent, url, token: await token.get(), poll: asked, waitMs, signal })
    } catch (error) {
      if (error instanceof PollFailed && error.status === 401) token.forget()
      throw error
    }
  }
  return { poll, close: () => agent.destroy() }
}

function tellMetrics({ metrics, revocation }: EventsDeps, freshness: Freshness): void {
  metrics.gauge(
    'gatehouse_revocation_staleness_seconds',
    'Time since all transmitters of security events were last heard.',
    () => freshness.age() / 1000,
  )
  metrics.gauge('gatehouse_revocation_entries', 'Revocations that are remembered.', () => revocation.size)
}
