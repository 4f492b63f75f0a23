import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { resourceScopeProperty } from '../clients/clients.ts'
import { askedDetails, narrowedDetails } from '../details/granted.ts'
import type { RefreshGrace } from './refresh-grace.ts'
import { splitScope } from './scopes.ts'
import { text } from './show.ts'

/**
 * Every client that is registered for refresh tokens gets one. Without `offline_access` it ends with the browser
 * session at the IdP, which is what a web application behind the gateway should have. `offline_access` is heeded
 * only together with `prompt=consent` (OpenID Connect Core section 11), and then outlives signing out.
 *
 * Each use gives a new one; a used one that comes back ends the family, but for a grace (refresh-grace.ts). Under FAPI 2.0
 * they are not rotated (Security Profile section 5.3.2.1): its clients prove a key at each use, so a stolen one is worth
 * nothing, and a lost answer must not cost a grant.
 */
export function refreshPolicy(grace: RefreshGrace) {
  return {
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: (_ctx, source) => !source.scopes.has('offline_access'),
    rotateRefreshToken(ctx) {
      refuseForeignResource(ctx)
      refuseTakenAway(ctx)
      refuseForeignDetails(ctx)
      return !ctx.oidc.isFapi('2.0') && !grace.isRepeat(ctx)
    },
  } satisfies Configuration
}

/**
 * The library would find this out after it has used the token up (RFC 8707 section 2.2). This is the last thing it
 * asks before that.
 */
function refuseForeignResource(ctx: KoaContextWithOIDC): void {
  const asked = [ctx.oidc.params?.['resource'] ?? []].flat()
  const granted = ctx.oidc.refreshToken?.resourceIndicators
  for (const resource of asked) {
    if (typeof resource !== 'string' || granted?.has(resource) !== true) throw new errors.InvalidTarget()
  }
}

/** The same for what the client was given once, and may not have any more: the rest is still its own. */
function refuseTakenAway({ oidc: { client, requestParamScopes } }: KoaContextWithOIDC): void {
  const registered = [client?.scope, client?.[resourceScopeProperty]].flatMap((scope) =>
    splitScope(text(scope) ?? ''),
  )
  const foreign = [...requestParamScopes].filter((scope) => !registered.includes(scope))
  if (foreign.length > 0) throw new errors.InvalidScope('requested scope is not allowed', foreign.join(' '))
}

function refuseForeignDetails({ oidc: { refreshToken, params } }: KoaContextWithOIDC): void {
  narrowedDetails(refreshToken?.rar, askedDetails(params?.['authorization_details']))
}
