import { Audit } from '@gatehouse/kit/audit'
import type { Clock } from '@gatehouse/kit/clock'
import { KeyKeeper } from '@gatehouse/kit/keys/keeper'
import { KeyRing } from '@gatehouse/kit/keys/ring'
import type { KeyPolicy } from '@gatehouse/kit/keys/schedule'
import type { ProtocolConfig } from '@gatehouse/kit/config/types-protocol'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import type { Logger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import type { MasterKey } from '@gatehouse/kit/secrets'
import { openStore } from '@gatehouse/kit/store/open'
import { Accounts } from './accounts/accounts.ts'
import { Passwords } from './accounts/passwords.ts'
import { SignIn } from './accounts/sign-in.ts'
import { MemoryLimiter, type AttemptLimiter } from './accounts/throttle.ts'
import { IdpAudit } from './audit.ts'
import { Clients } from './clients/clients.ts'
import { KnownNames } from './clients/known-names.ts'
import { Consents } from './consents/consents.ts'
import { certificationKeys } from './certification/keys.ts'
import { CibaRequests } from './ciba/requests.ts'
import { MetadataDocuments } from './documents/documents.ts'
import type { Outbox } from './events/outbox.ts'
import { createEvents, type EventsPart } from './events/part.ts'
import { keyPolicy } from './keys.ts'
import { Registrations } from './registration/registrations.ts'
import { GuardedFetch } from './fetch/guarded-fetch.ts'
import { Logos } from './logos/logos.ts'
import { countersOf } from './metrics.ts'
import { Pages } from './pages/pages.ts'
import { hostProvider, type ProviderDeps } from './provider/create.ts'
import type { PrefilledCodes } from './provider/device-flow.ts'
import { grantEnded } from './provider/events.ts'
import type { ProviderHost } from './provider/host.ts'
import { RequestNotes } from './provider/notes.ts'
import { Newcomers } from './http/newcomers.ts'
import { apiScopes } from './provider/scopes.ts'
import { nonceSecret } from './provider/dpop.ts'
import { readIssuers } from './provider/certificate-issuers.ts'
import { OwnTokens } from './provider/own-tokens.ts'
import { resourceAliases } from './provider/resources.ts'
import { TokenExchange } from './provider/token-exchange.ts'
import { RefreshGrace } from './provider/refresh-grace.ts'
import { DevicePolling } from './provider/slow-down.ts'
import { createAdapterFactory } from './storage/adapter.ts'
import { Artifacts } from './storage/artifacts.ts'
import { Cleanup } from './storage/cleanup.ts'
import { idpMigrations } from './storage/migrations.ts'
import { Replays } from './storage/replays.ts'
import { Sessions } from './storage/sessions.ts'
import { Successors } from './storage/successors.ts'
import type { IdpStore, IdpTables } from './storage/tables.ts'

const minuteMs = 60_000

/** Enough for a person who has forgotten which password it was, not for a list of them. */
const limits = {
  signInByAccount: { count: 10, windowMs: 5 * minuteMs },
  signInByAddress: { count: 60, windowMs: 5 * minuteMs },
  userCodeByAddress: { count: 30, windowMs: 5 * minuteMs },
}

/** Everything that the app is built from, made once and given by argument. */
export interface IdpDeps {
  readonly issuer: string
  readonly clock: Clock
  readonly log: Logger
  readonly masterKey: MasterKey
  readonly store: IdpStore
  readonly metrics: Metrics
  readonly ring: KeyRing
  readonly keyPolicy: KeyPolicy
  readonly keeper: KeyKeeper
  readonly audit: IdpAudit
  readonly accounts: Accounts
  readonly clients: Clients
  readonly knownNames: KnownNames
  readonly consents: Consents
  readonly artifacts: Artifacts
  readonly sessions: Sessions
  readonly events: EventsPart
  /** Clients that may poll for security events. */
  readonly receivers: ReadonlySet<string>
  readonly outbox: Outbox
  readonly passwords: Passwords
  readonly signIn: SignIn
  readonly userCodeAttempts: AttemptLimiter
  readonly pages: Pages
  readonly logos: Logos
  readonly notes: RequestNotes
  readonly newcomers: Newcomers
  readonly isCibaOn: boolean
  readonly cibaRequests: CibaRequests
  readonly detailTypes: ProtocolConfig['authorizationDetails']
  readonly prefilled: PrefilledCodes
  readonly ownTokens: OwnTokens
  readonly host: ProviderHost
  readonly cleanup: Cleanup
  countSignIn(outcome: string): void
  close(): Promise<void>
}

/** @throws StartError when the store cannot be opened. */
export async function buildDeps(ctx: PartContext): Promise<IdpDeps> {
  const { config, log } = ctx
  const store = await openStore<IdpTables>({ url: config.idp.store, migrations: idpMigrations, log })
  try {
    return await assemble(ctx, store)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function assemble(ctx: PartContext, store: IdpStore): Promise<IdpDeps> {
  const { config, clock, log, masterKey } = ctx
  const metrics = new Metrics()
  const counters = countersOf(metrics)
  const accounts = new Accounts({ store, masterKey, clock })
  const passwords = new Passwords()
  const [ring, signIn] = await Promise.all([
    KeyRing.open({ store, ring: 'idp', masterKey, clock }),
    SignIn.create({
      accounts,
      passwords,
      byAccount: new MemoryLimiter({ limit: limits.signInByAccount, clock }),
      byAddress: new MemoryLimiter({ limit: limits.signInByAddress, clock }),
    }),
  ])
  const shared = { ...sharedParts(ctx, store), accounts, ring }
  const forProvider = providerDeps(ctx, shared, counters.countToken)
  const { host, detach } = hostProvider(forProvider)
  const policy = keyPolicy(config)
  const keeper = new KeyKeeper({ ring, policy, clock, log })
  const cleanup = new Cleanup({ store, clock, log, events: shared.events })
  return {
    ...shared,
    issuer: config.issuer,
    masterKey,
    receivers: new Set([config.gateway.clientId]),
    metrics,
    isCibaOn: config.idp.protocol.ciba !== undefined,
    detailTypes: config.idp.protocol.authorizationDetails,
    passwords,
    signIn,
    userCodeAttempts: new MemoryLimiter({ limit: limits.userCodeByAddress, clock }),
    ownTokens: forProvider.ownTokens,
    host,
    cleanup,
    keyPolicy: policy,
    keeper,
    countSignIn: counters.countSignIn,
    close: () => closeAll({ ...shared, passwords, keeper, cleanup, detach }),
  }
}

/** What the provider, the pages and the admin API work with alike. */
function sharedParts({ config, clock, log, masterKey }: PartContext, store: IdpStore) {
  const audit = new IdpAudit(new Audit(store, clock, masterKey), log)
  const events = createEvents({ store, clock, log, issuer: config.issuer })
  const clients = new Clients({ store, clock })
  const guarded = guardedFetch(config.idp.protocol, clock)
  const artifacts = new Artifacts({ store, masterKey, clock, outbox: events.outbox })
  return {
    clock,
    log,
    store,
    audit,
    clients,
    knownNames: new KnownNames({ clients, clock }),
    consents: new Consents({ store, clock }),
    artifacts,
    cibaRequests: new CibaRequests(artifacts, clock),
    sessions: new Sessions({ store, masterKey, clock, outbox: events.outbox }),
    events,
    outbox: events.outbox,
    pages: new Pages(),
    notes: new RequestNotes(),
    newcomers: new Newcomers(),
    prefilled: new WeakMap(),
    guarded,
    logos: new Logos({ guarded, clock, log }),
  }
}

function documentsOf(
  { metadataDocuments: policy }: ProtocolConfig,
  shared: Shared,
): MetadataDocuments | undefined {
  return policy === undefined ? undefined : new MetadataDocuments({ ...shared, policy })
}

function guardedFetch({ fetch }: ProtocolConfig, clock: Clock): GuardedFetch {
  const authorities = readIssuers(fetch.ca, 'idp.fetch.ca').map(String)
  return new GuardedFetch({ clock, allow: fetch.allow, authorities })
}

/** In the order in which one needs the other. */
async function closeAll(
  parts: Pick<IdpDeps, 'events' | 'passwords' | 'keeper' | 'cleanup' | 'audit' | 'store'> &
    Pick<ProviderDeps, 'guarded'> & { detach(): void },
): Promise<void> {
  parts.detach()
  parts.events.wake.stop()
  await parts.keeper.stop()
  await parts.cleanup.stop()
  await parts.guarded.close()
  await parts.passwords.close()
  await parts.audit.settle()
  await parts.store.close()
}

type Shared = Omit<
  ProviderDeps,
  | 'config'
  | 'adapter'
  | 'apiScopes'
  | 'certificationKeys'
  | 'isCertification'
  | 'polling'
  | 'masterKey'
  | 'replays'
  | 'countToken'
  | 'grace'
  | 'exchange'
  | 'ownTokens'
  | 'resourceServers'
  | 'nonceSecret'
  | 'certificateIssuers'
> & {
  readonly store: IdpStore
  readonly artifacts: Artifacts
  readonly cibaRequests: CibaRequests
  readonly sessions: Sessions
  readonly clients: Clients
  readonly knownNames: KnownNames
  readonly newcomers: Newcomers
}

function providerDeps(
  ctx: PartContext,
  shared: Shared,
  countToken: (grantType: string) => void,
): ProviderDeps {
  const { config, clock, masterKey } = ctx
  const { artifacts, cibaRequests, sessions, clients, audit, store, newcomers } = shared
  const { refreshGraceMs: graceMs } = config.idp
  const successors = new Successors({ store, masterKey, clock, graceMs })
  const { issuer, resource } = config
  const isCertification = config.idp.protocol.profile === 'certification'
  const ownTokens = new OwnTokens({ ...shared, issuer, resource })
  const grace = new RefreshGrace({ artifacts, successors, newcomers, clock, graceMs })
  return {
    ...shared,
    config,
    masterKey,
    countToken,
    apiScopes: apiScopes(config),
    isCertification,
    certificationKeys: isCertification ? certificationKeys(ctx.paths.certificationKeys, masterKey) : [],
    polling: new DevicePolling(clock),
    replays: new Replays(store),
    grace,
    exchange: new TokenExchange({
      ownTokens,
      clock,
      resource: config.resource,
      aliases: resourceAliases(config),
      ttl: config.idp.ttl,
    }),
    ownTokens,
    resourceServers: new Set([config.gateway.clientId]),
    nonceSecret: nonceSecret(masterKey),
    certificateIssuers: readIssuers(config.idp.protocol.mtls.ca),
    adapter: createAdapterFactory({
      artifacts,
      cibaRequests,
      clock: shared.clock,
      clients,
      grace,
      documents: documentsOf(config.idp.protocol, shared),
      registrations: new Registrations({ ...shared, masterKey }),
      onGrantEnded: (owner) => audit.append(grantEnded(owner)),
      sessions,
    }),
  }
}
