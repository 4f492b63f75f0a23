import { Pool } from '@gatehouse/kit/http/undici'
import { fetchJson } from '@gatehouse/kit/http/client'
import { KeyRing } from '@gatehouse/kit/keys/ring'
import { Metrics } from '@gatehouse/kit/metrics'
import { LiveWorkload } from '@gatehouse/kit/mtls/live'
import { workloadFiles, type WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import type { PartContext } from '@gatehouse/kit/part'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import { DpopCheck } from './authn/dpop.ts'
import { clientCertificate } from '@gatehouse/kit/http/client-certificate'
import { HolderCheck } from './authn/holder.ts'
import { AccessTokenVerifier, clockToleranceMs } from './authn/access-token-verifier.ts'
import { verifyIssued } from './authn/issued-token.ts'
import { DecisionPoint } from './authz/decision-point.ts'
import { AccessLog } from './log/access-log.ts'
import { gatewayMetrics, type GatewayMetrics } from './metrics.ts'
import { createEvents, type EventsPart } from './events/part.ts'
import { RevocationIndex } from './revocation/index.ts'
import { limiterMaker } from './limits/limiter-maker.ts'
import type { CreateLimiter } from './limits/limiter-shelf.ts'
import { openIntrospection } from './introspection/open.ts'
import type { LagSource } from './overload/lag.ts'
import { shedding, type Shedding } from './overload/shed.ts'
import { LiveAuthority } from './revocation/live.ts'
import { createSessions, type SessionPart } from './sessions/index.ts'
import { openGatewayStore } from './store.ts'
import { createMint, type Mint } from './token/mint.ts'
import { TokenReuse } from './token/reuse.ts'
import { upstreamMetrics } from './upstream/metrics.ts'
import { UpstreamSet } from './upstream/upstream-set.ts'

const jwksPath = '/oauth/jwks'
const jwksTimeoutMs = 2_000
const jwksBytes = 64 * 1024
const issuerConnections = 2

/** Everything that the gateway is made of before it listens. */
export interface GatewayDeps {
  readonly ctx: PartContext
  readonly metrics: Metrics
  readonly counters: GatewayMetrics
  readonly accessLog: AccessLog
  readonly material: WorkloadMaterial
  /** The same as the files are now: renewed certificates are used without a restart. */
  readonly workload: LiveWorkload
  readonly ring: KeyRing
  readonly jwks: JwksClient
  readonly verifier: AccessTokenVerifier
  readonly revocation: RevocationIndex
  readonly events: EventsPart
  readonly live: LiveAuthority
  readonly sessions: SessionPart
  readonly upstreams: UpstreamSet
  readonly decisions: DecisionPoint
  readonly shedding: Shedding
  /** For limits of routes: in memory, or in the store that all gateways share. */
  readonly createLimiter: CreateLimiter
  readonly mint: Mint
  readonly reuse: TokenReuse
  /** Whether callers can be authenticated and served. */
  ready(): Promise<boolean>
}

/**
 * Opens what the gateway works with; the issuer's keys arrive later, if they have to.
 * @param opened gets what must be closed again, also when opening fails half-way.
 * @throws StartError
 */
export async function openDeps(
  ctx: PartContext,
  opened: AsyncDisposableStack,
  lag: LagSource,
): Promise<GatewayDeps> {
  const { config, clock, log } = ctx
  const metrics = new Metrics()
  const accessLog = new AccessLog(log, 'gateway')
  opened.defer(() => accessLog.flush())
  const workload = openWorkload(ctx, opened)
  const { material } = workload
  const parts = upstreamParts(ctx, workload, metrics)
  const upstreams = opened.adopt(new UpstreamSet(config.upstreams, parts), (it) => it.close())
  const store = opened.adopt(await openGatewayStore(ctx), (it) => it.close())
  const ring = await KeyRing.open({ store, ring: 'internal', masterKey: ctx.masterKey, clock })
  const jwks = issuerKeys(ctx, opened)
  const holder = holderCheck(ctx, (id, expiresAt) => sessions.useOnce(id, expiresAt))
  const verifier = new AccessTokenVerifier({
    jwks,
    clock,
    issuer: config.issuer,
    audience: config.resource,
    holder,
    opaque: await openIntrospection(ctx, (token) => sessions.introspect(token), opened),
  })
  const retentionMs = config.idp.ttl.accessTokenMs + clockToleranceMs
  const revocation = new RevocationIndex({ clock, log, retentionMs })
  const verifyAccessToken = (token: string) => verifyIssued({ verifier, jwks }, token)
  const sessions = opened.adopt(
    await createSessions({ ctx, store, verifyAccessToken, issuerKeys: jwks, revocation, metrics, log }),
    (it) => it.close(),
  )
  const authority = opened.adopt(new LiveAuthority({ revocation, clock }), (it) => it.stop())
  sessions.onEnded((key) => authority.sessionEnded(key))
  sessions.lookAfter(() => authority.sessions())
  const events = opened.adopt(
    createEvents({ ctx, store, jwks, revocation, retentionMs, sessions, metrics }),
    (it) => it.close(),
  )
  const ready = async () => jwks.ready() && events.ready() && (await sessions.ready())
  const counters = gatewayMetrics(metrics)
  return {
    ctx,
    metrics,
    counters,
    accessLog,
    material,
    workload,
    ring,
    jwks,
    verifier,
    revocation,
    events,
    live: authority,
    sessions,
    upstreams,
    ...(await stageParts(ctx, { ring, metrics, lag }, opened)),
    ready,
  }
}

/** What stages of the pipeline work with. */
async function stageParts(
  ctx: PartContext,
  { ring, metrics, lag }: { readonly ring: KeyRing; readonly metrics: Metrics; readonly lag: LagSource },
  opened: AsyncDisposableStack,
): Promise<Pick<GatewayDeps, 'decisions' | 'shedding' | 'createLimiter' | 'mint' | 'reuse'>> {
  const { config, clock, log } = ctx
  const reuse = new TokenReuse(clock)
  ring.onChange(() => reuse.clear())
  const { lagMs } = config.gateway.overload
  return {
    decisions: opened.adopt(new DecisionPoint({ clock, log, metrics }), (it) => it.close()),
    shedding: opened.adopt(shedding(metrics, lagMs, lag), (it) => it.stop()),
    createLimiter: await limiterMaker(ctx, metrics, opened),
    mint: mintOf(ctx, ring),
    reuse,
  }
}

function upstreamParts({ clock, log }: PartContext, workload: LiveWorkload, metrics: Metrics) {
  return {
    material: () => workload.material,
    onConnect: (socket: unknown) => workload.watch(socket),
    clock,
    log,
    metrics: upstreamMetrics(metrics),
  }
}

function openWorkload({ config, paths, log }: PartContext, opened: AsyncDisposableStack): LiveWorkload {
  const files = workloadFiles(paths.certs, 'gateway')
  const workload = new LiveWorkload({ files, name: 'gateway', trustDomain: config.trustDomain, log })
  return opened.adopt(workload, (it) => it.stop())
}

function mintOf({ config, clock }: PartContext, ring: KeyRing): Mint {
  const { internalIssuer: issuer, internalTokenMs: lifeMs } = config.gateway
  return createMint({ ring, clock, issuer, lifeMs })
}

function holderCheck(
  { config, clock, masterKey }: PartContext,
  useOnce: SessionPart['useOnce'],
): HolderCheck {
  const dpop = new DpopCheck({
    clock,
    protocol: new URL(config.gateway.origin).protocol.slice(0, -1),
    requireNonce: config.idp.protocol.dpop.requireNonce,
    useOnce,
    mac: (text) => masterKey.mac(text, 'gateway.dpop nonce'),
  })
  const { mtls, trustedProxies } = config.gateway
  return new HolderCheck(dpop, clientCertificate({ header: mtls.header, trustedProxies }))
}

function issuerKeys({ config, clock, log }: PartContext, opened: AsyncDisposableStack): JwksClient {
  const pool = opened.adopt(
    new Pool(config.issuer, { connections: issuerConnections, connectTimeout: jwksTimeoutMs }),
    (it) => it.destroy(),
  )
  const limits = { timeoutMs: jwksTimeoutMs, maxBytes: jwksBytes }
  const jwks = new JwksClient({ fetch: () => fetchJson(pool, jwksPath, limits), clock, log })
  opened.defer(() => jwks.stop())
  void jwks.start()
  return jwks
}
