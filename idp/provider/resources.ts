import type { Config } from '@gatehouse/kit/config/types'
import { eventsResource, eventsScope } from '@gatehouse/kit/events/protocol'
import { sessionsResource, sessionsScope } from '@gatehouse/kit/logout/protocol'
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { isAdminScope } from '@gatehouse/kit/admin/protocol'
import { resourceScopeProperty } from '../clients/clients.ts'
import { adminOnly } from './admin-resource.ts'
import { accessTokenFormat } from './client-policy.ts'
import { applyDefaultScope } from './default-scope.ts'
import { isOpenIdScope, splitScope } from './scopes.ts'

export interface ResourceOptions {
  /** The one resource that there is (RFC 8707), and the default when a client names none. */
  readonly resource: string
  /** Other names of it: where it is (RFC 9728 section 2). */
  readonly aliases: ReadonlySet<string>
  /** Every scope that the resource knows. */
  readonly scopes: readonly string[]
  /** Clients that receive security events. */
  readonly receivers: ReadonlySet<string>
}

/** The resource is also known by where it is. */
export function resourceAliases({ gateway: { origin } }: Config): ReadonlySet<string> {
  return new Set([origin, `${origin}/`])
}

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

/** Access tokens for the APIs are JWTs (RFC 9068) or opaque, as the client says; which scopes may be in them is up to the client. */
export function resourceIndicators(options: ResourceOptions): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx) => (isFrontChannelForUserinfo(ctx) ? undefined : options.resource),
    useGrantedResource: (ctx, model) => !wantsUserinfoOnly(ctx, model.scopes),
    getResourceServerInfo(ctx, identifier, client) {
      const own = forItself(ctx, identifier, options.receivers)
      if (own !== undefined) return own
      const admin = adminOnly(ctx, identifier, allowedScopes(client))
      if (admin !== undefined) return admin
      if (identifier !== options.resource && !options.aliases.has(identifier))
        throw new errors.InvalidTarget()
      const allowed = allowedScopes(client).filter((scope) => !isAdminScope(scope))
      applyDefaultScope(ctx, allowed)
      refuseForeignScopes(ctx, options.scopes, allowed)
      return {
        scope: allowed.join(' '),
        audience: options.resource,
        ...formatFor(client),
      }
    },
  }
}

function formatFor(client: Client) {
  const format = accessTokenFormat(client)
  return format === 'opaque'
    ? { accessTokenFormat: format }
    : { accessTokenFormat: format, jwt: { sign: { alg: 'ES256' as const } } }
}

/** What the gateway may do here for itself, by resource: the scope. */
const firstParty: ReadonlyMap<string, string> = new Map([
  [eventsResource, eventsScope],
  [sessionsResource, sessionsScope],
])

/**
 * A receiver of security events is for itself at the IdP only: people's sessions are its other business, and there it
 * acts for them.
 */
function forItself(ctx: KoaContextWithOIDC, identifier: string, receivers: ReadonlySet<string>) {
  const isMachine = ctx.oidc.params?.['grant_type'] === 'client_credentials'
  const isReceiver = isMachine && receivers.has(ctx.oidc.client?.clientId ?? '')
  const scope = firstParty.get(identifier)
  if (isReceiver !== (scope !== undefined)) throw new errors.InvalidTarget()
  if (scope === undefined) return undefined
  applyDefaultScope(ctx, [scope])
  const sign = { alg: 'ES256' } as const
  return { scope, audience: identifier, accessTokenFormat: 'jwt' as const, jwt: { sign } }
}

/**
 * A token that carries OpenID Connect's scopes only has nothing to say to an API: it is left without audience, which
 * makes it one for the userinfo endpoint. A refresh with `scope=openid profile` is thus how to get one beside an
 * API token.
 */
function wantsUserinfoOnly(ctx: KoaContextWithOIDC, granted: ReadonlySet<string>): boolean {
  const asked = ctx.oidc.requestParamScopes
  const scopes = asked.size > 0 ? asked : granted
  return scopes.has('openid') && [...scopes].every(isOpenIdScope)
}

/**
 * The same where the authorization endpoint itself gives tokens (certification profile): there is no token request that
 * could say so, and a token with an audience is none for the userinfo endpoint. An ID token from there holds the claims of the
 * scopes only when there is no such token to come (OpenID Connect Core section 5.4).
 */
function isFrontChannelForUserinfo(ctx: KoaContextWithOIDC): boolean {
  const { response_type: asked } = ctx.oidc.params ?? {}
  const types = typeof asked === 'string' ? asked.split(' ') : []
  const isFrontChannel = types.includes('token') || types.includes('id_token')
  return isFrontChannel && [...ctx.oidc.requestParamScopes].every(isOpenIdScope)
}

/** What a client is registered for at the APIs. */
function allowedScopes(client: Client): readonly string[] {
  const value = client[resourceScopeProperty]
  return typeof value === 'string' ? splitScope(value) : []
}

/**
 * The library drops scopes silently that a client may not have; we say so. Scopes that nobody knows are dropped
 * at the authorization endpoint, as OpenID Connect Core section 3.1.2.1 asks, and refused to machines.
 */
function refuseForeignScopes(
  ctx: KoaContextWithOIDC,
  known: readonly string[],
  allowed: readonly string[],
): void {
  const machine = ctx.oidc.params?.['grant_type'] === 'client_credentials'
  const isForeign = (scope: string): boolean =>
    !allowed.includes(scope) && (machine || (known.includes(scope) && !isOpenIdScope(scope)))
  const foreign = [...ctx.oidc.requestParamScopes].filter(isForeign)
  if (foreign.length > 0) throw new errors.InvalidScope('requested scope is not allowed', foreign.join(' '))
}
