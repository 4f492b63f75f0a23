import type { Clock } from '@gatehouse/kit/clock'
import type { TtlConfig } from '@gatehouse/kit/config/types'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { chainOf, maxChainDepth } from '@gatehouse/kit/tokens/internal'
import { present } from '@gatehouse/kit/tokens/read'
import type { Client, KoaContextWithOIDC, Provider, UnknownObject } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { resourceScopeProperty } from '../clients/clients.ts'
import { exchangeAudiences } from './client-policy.ts'
import type { Alive, OwnClaims, OwnTokens } from './own-tokens.ts'
import { splitScope } from './scopes.ts'
import { text } from './show.ts'
import { accessTokenSeconds } from './ttl.ts'

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const tokenTypes: ReadonlySet<string | undefined> = new Set([
  accessTokenType,
  'urn:ietf:params:oauth:token-type:jwt',
])

const parameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
]

export interface TokenExchangeOptions {
  readonly ownTokens: OwnTokens
  readonly clock: Clock
  readonly resource: string
  /** Other names of it. */
  readonly aliases: ReadonlySet<string>
  readonly ttl: TtlConfig
}

/**
 * Token exchange (RFC 8693): a client that holds somebody's access token gets one with less in it, in its own name and
 * for that person. It may do so for the resources that its registration names; the new token lives no longer than the
 * old one, and says who acts.
 */
export class TokenExchange {
  readonly #options: TokenExchangeOptions
  readonly #subjects = new WeakMap<KoaContextWithOIDC, OwnClaims>()

  constructor(options: TokenExchangeOptions) {
    this.#options = options
  }

  register(provider: Provider): void {
    provider.registerGrantType(exchangeGrant, (ctx) => this.#exchange(ctx, provider), parameters)
  }

  /** What an exchanged token says beyond RFC 9068; undefined for requests that exchange nothing. */
  claimsOf(ctx: KoaContextWithOIDC): UnknownObject | undefined {
    const subject = this.#subjects.get(ctx)
    if (subject === undefined) return undefined
    const { sid, grant_id, auth_time, acr, amr, roles } = subject
    // Who acted before stays on it (section 4.1).
    const act = { sub: ctx.oidc.client?.clientId, ...present({ act: subject.act }) }
    const exchanged_from = [...new Set([...(subject.exchanged_from ?? []), subject.client_id])]
    const exchanged_jtis = [...(subject.exchanged_jtis ?? []), subject.jti]
    return { sid, grant_id, exchanged_from, exchanged_jtis, auth_time, acr, amr, roles, act }
  }

  async #exchange(ctx: KoaContextWithOIDC, provider: Provider): Promise<void> {
    const { client } = ctx.oidc
    if (client === undefined) throw new errors.InvalidClient('no client')
    const params = ctx.oidc.params ?? {}
    this.#requireAudience(params, client)
    const { claims: subject, accountId } = await this.#subjectOf(params)
    refuseBound(subject, client)
    if (chainOf(subject).length >= maxChainDepth)
      throw new errors.InvalidRequest('too many have acted already')
    this.#subjects.set(ctx, subject)
    const scope = narrowed(text(params['scope']), subject, client)
    const { resource, ttl, clock } = this.#options
    const left = subject.exp - Math.floor(clock.now() / 1000)
    const token = new provider.AccessToken({
      // The library calls the person as this client does, who may be another than the token was made for.
      accountId: accountId ?? subject.sub,
      client,
      expiresIn: Math.max(1, Math.min(accessTokenSeconds(ttl, client, resource), left)),
      // It rests nowhere and hangs on the grant of the token that it came from, which its claims name.
      grantId: '',
      gty: exchangeGrant,
      scope,
    })
    const jwt = { sign: { alg: 'ES256' } } as const
    token.resourceServer = new provider.ResourceServer(resource, {
      scope,
      audience: resource,
      accessTokenFormat: 'jwt',
      jwt,
    })
    ctx.oidc.entity('AccessToken', token)
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: accessTokenType,
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope,
    }
  }

  /** `audience` and `resource` mean the same here (RFC 8693 section 2.1); there is one that can be meant. */
  #requireAudience(params: UnknownObject, client: Client): void {
    const { resource, aliases } = this.#options
    const asked = [params['audience'] ?? [], params['resource'] ?? []].flat()
    const isForeign = asked.some((one) => one !== resource && !aliases.has(text(one) ?? ''))
    if (isForeign || !exchangeAudiences(client).includes(resource)) throw new errors.InvalidTarget()
  }

  async #subjectOf(params: UnknownObject): Promise<Alive> {
    const { subject_token, subject_token_type, requested_token_type = accessTokenType } = params
    if (!tokenTypes.has(text(subject_token_type)) || !tokenTypes.has(text(requested_token_type)))
      throw new errors.InvalidRequest('only access tokens are exchanged, for access tokens')
    // The type alone must not be there either (RFC 8693 section 2.1).
    if (params['actor_token'] !== undefined || params['actor_token_type'] !== undefined)
      throw new errors.InvalidRequest('the actor is the client itself')
    const subject = await this.#options.ownTokens.alive(text(subject_token) ?? '')
    // RFC 8693 section 2.2.2 gives every fault of the token this one code.
    if (subject === undefined) throw new errors.InvalidRequest('subject_token is not valid')
    return subject
  }
}

/** A token that is bound to its holder must not be turned into one that is not. */
function refuseBound(subject: AccessClaims, client: Client): void {
  if (subject.cnf !== undefined) throw new errors.InvalidRequest('subject_token is bound to its holder')
  if (client.dpopBoundAccessTokens === true || client.tlsClientCertificateBoundAccessTokens === true)
    throw new errors.InvalidRequest('exchanged tokens cannot be bound')
}

/** What both the old token and the client may have; more than that is refused, nothing at all too. */
function narrowed(asked: string | undefined, subject: AccessClaims, client: Client): string {
  const own = splitScope(text(client[resourceScopeProperty]) ?? '')
  const possible = splitScope(subject.scope).filter((scope) => own.includes(scope))
  const wanted = asked === undefined ? possible : splitScope(asked)
  const more = wanted.filter((scope) => !possible.includes(scope))
  if (more.length > 0 || wanted.length === 0)
    throw new errors.InvalidScope('more than the token or the client may have', more.join(' '))
  return wanted.join(' ')
}
