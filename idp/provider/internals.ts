import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Transaction } from 'kysely'
import {
  errors,
  Provider,
  type Adapter,
  type BackchannelAuthenticationRequest,
  type Client,
  type Grant,
} from 'oidc-provider'
import { isClientSecret } from '../clients/secrets.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import type { Replays } from '../storage/replays.ts'
import type { IdpTables } from '../storage/tables.ts'
import { sectorOf } from './pairwise.ts'
import { splitScope } from './scopes.ts'
import { text } from './show.ts'

/**
 * The one place that bends oidc-provider (9.13.3, pinned) where it has no option. Nothing is imported from inside
 * it; what is replaced are methods of its public classes, one instance of which belongs to one Provider.
 */
export function bendProvider(
  provider: Provider,
  options: { masterKey: MasterKey; replays: Replays; isCertification: boolean },
): void {
  storeSecretsHashed(provider, options.masterKey)
  nameTheSession(provider)
  makeReplayDetectionAtomic(provider, options.replays)
  trustOurTransport(provider)
  takeOnlyIdTokensForHints(provider)
  provider.Client.prototype.grantTypeAllowed = isGrantAllowed
  Reflect.set(provider.Client.prototype, 'scope', noOpenIdScope)
  provider.Grant.prototype.getOIDCScopeFiltered = stillGranted
  if (options.isCertification) takeLocalhost(provider)
}

declare module 'oidc-provider' {
  interface Client {
    /** Sends a logout token; not in the library's types. @throws when the client does not take it */
    backchannelLogout(sub: string, sid: string): Promise<void>
    /** Nor is this. @throws when the client does not take it */
    backchannelPing(request: BackchannelAuthenticationRequest): Promise<void>
  }
}

/** A login that a client is told the end of. */
export interface ToldLogin {
  readonly clientId: string
  /** The account. */
  readonly sub: string
  readonly sid: string
  /** By sector, what pairwise clients called an account that is gone; undefined: it is there, and so are its names. */
  readonly names?: ReadonlyMap<string, string> | undefined
}

/** Tells a client that a login of its has ended, if it wants to hear of that (Back-Channel Logout 1.0 section 2.5). */
export async function tellOfLogout(
  provider: Provider,
  { clientId, sub, sid, names }: ToldLogin,
): Promise<void> {
  const client = await provider.Client.find(clientId)
  if (client?.backchannelLogoutUri === undefined) return
  if (names === undefined || client.subjectType !== 'pairwise') return client.backchannelLogout(sub, sid)
  const name = names.get(sectorOf(client))
  // Asked for the name of an account that is gone, the library would have another one made.
  if (name !== undefined) await asPublic(client).backchannelLogout(name, sid)
}

/** Tells a client that a request of its was answered, if it wants to hear of that (CIBA section 10.2). */
export async function tellOfAnswer(
  provider: Provider,
  request: BackchannelAuthenticationRequest,
): Promise<void> {
  const client = request.clientId === undefined ? undefined : await provider.Client.find(request.clientId)
  if (client?.backchannelTokenDeliveryMode === 'ping') await client.backchannelPing(request)
}

/** The same client, but that people are called by what they are called by. */
function asPublic(client: Client): Client {
  return new Proxy(client, {
    get: (target, name) => (name === 'subjectType' ? 'public' : Reflect.get(target, name)),
  })
}

/** The library compares the stored secret itself; ours rests as a keyed hash. */
function storeSecretsHashed(provider: Provider, masterKey: MasterKey): void {
  provider.Client.prototype.compareClientSecret = function compare(this: Client, actual: string): boolean {
    return (
      isSentAsRegistered(this) &&
      this.clientSecret !== undefined &&
      isClientSecret(masterKey, this.clientId, this.clientSecret, actual)
    )
  }
}

/** The library takes a secret in the body from who is registered to send it in the header, and the other way round. */
function isSentAsRegistered(client: Client): boolean {
  const isInBody = Provider.ctx?.oidc.params?.['client_secret'] !== undefined
  return isInBody === (client.clientAuthMethod === 'client_secret_post')
}

/** `sid` is in all tokens of a session, not only for clients with back-channel logout: it is what gets revoked. */
function nameTheSession(provider: Provider): void {
  provider.Client.prototype.includeSid = () => true
}

/** How far ahead a proof of DPoP may be dated, in seconds. */
const proofAhead = 300

/**
 * The library looks and then saves; two requests in between both pass. A proof that is dated ahead it takes for longer than it
 * remembers it: until so long after its date, where it remembers until so long from now.
 */
function makeReplayDetectionAtomic(provider: Provider, replays: Replays): void {
  provider.ReplayDetection.unique = (issuer, jti, expiresAt) => {
    const hasProof = Provider.ctx?.headers['dpop'] !== undefined
    return replays.remember(issuer, jti, hasProof ? expiresAt + proofAhead : expiresAt)
  }
}

/**
 * Cookies are `Secure` even on plain http://localhost, where browsers accept that; the cookie library would refuse
 * to send them over what it takes for an insecure connection.
 */
function trustOurTransport(provider: Provider): void {
  const createContext = provider.createContext.bind(provider)
  provider.createContext = (request, response) => {
    const ctx = createContext(request, response)
    ctx.cookies.secure = true
    return ctx
  }
}

/**
 * The library asks of an `id_token_hint` that we signed it, for this client and of somebody; logout tokens are that, too.
 * What tells them apart is their type (RFC 8725 section 3.11).
 */
function takeOnlyIdTokensForHints(provider: Provider): void {
  const validate = provider.IdToken.validate.bind(provider.IdToken)
  provider.IdToken.validate = async (jwt, client) => {
    const { header, payload } = await validate(jwt, client)
    if (header['typ'] !== undefined && header['typ'] !== 'JWT') throw new TypeError('not an ID token')
    return { header, payload }
  }
}

/** Of a client without a `scope` the library takes every one of OpenID Connect's; ours have none that they were not given. */
const noOpenIdScope = 'none'

/** The library looks at a registration when something is asked for. What was granted counts as far as it names it still. */
function stillGranted(this: Grant, filter: ReadonlySet<string> | readonly string[]): string {
  const registered = Provider.ctx?.oidc.client?.scope
  const wanted = new Set(filter)
  const isLeft = (scope: string) => registered === undefined || splitScope(registered).includes(scope)
  const granted = splitScope(this.getOIDCScope())
  return granted.filter((scope) => wanted.has(scope) && isLeft(scope)).join(' ')
}

/** Keeps something in a transaction that does more; the library knows of none. @returns its id */
export async function saveIn(
  trx: Transaction<IdpTables>,
  artifacts: Artifacts,
  artifact: Grant | BackchannelAuthenticationRequest,
): Promise<string> {
  const upsert: Adapter['upsert'] = (id, payload, ttl) => artifacts.save(artifact.kind, id, payload, ttl, trx)
  // Hides, for this once, the adapter that all of its kind have in common.
  Object.defineProperty(artifact, 'adapter', { value: { upsert }, configurable: true })
  try {
    return await artifact.save()
  } finally {
    Reflect.deleteProperty(artifact, 'adapter')
  }
}

/** The library has `invalid_request` for a grant that a client may not use; RFC 6749 section 5.2 and CIBA section 13 have this. */
function isGrantAllowed(this: Client, type: string): boolean {
  const isAllowed = this.grantTypes?.includes(type) === true
  if (!isAllowed && type === grantAskedFor())
    throw new errors.UnauthorizedClient('the grant type is not allowed for this client')
  return isAllowed
}

/** By the request that is being served. */
function grantAskedFor(): string | undefined {
  const { oidc } = Provider.ctx ?? {}
  switch (oidc?.route) {
    case 'token':
      return text(oidc.params?.['grant_type'])
    case 'device_authorization':
      return 'urn:ietf:params:oauth:grant-type:device_code'
    case 'backchannel_authentication':
      return 'urn:openid:params:grant-type:ciba'
    default:
      return undefined
  }
}

interface MetadataCheck {
  invalidate: (this: unknown, message: string, code?: string) => void
}

/**
 * Clients of the implicit flow must not be on `localhost` (OpenID Connect Registration section 2, `application_type`); a
 * conformance suite on this machine often is. This is where the library's documentation says to make exceptions.
 */
function takeLocalhost(provider: Provider): void {
  const check: unknown = Reflect.get(Object(Reflect.get(provider.Client, 'Schema')), 'prototype')
  if (!isMetadataCheck(check)) throw new TypeError('the library checks metadata in another way')
  const { invalidate } = check
  check.invalidate = function invalidateOthers(message, code) {
    if (code !== 'implicit-forbid-localhost') invalidate.call(this, message, code)
  }
}

function isMetadataCheck(value: unknown): value is MetadataCheck {
  return typeof Reflect.get(Object(value), 'invalidate') === 'function'
}
