import { adminResource, isAdminScope } from '@gatehouse/kit/admin/protocol'
import type { KoaContextWithOIDC, ResourceServer } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { applyDefaultScope } from './default-scope.ts'

/** The admin API is a resource of its own, for clients that are registered for its scopes. */
export function adminOnly(
  ctx: KoaContextWithOIDC,
  identifier: string,
  registered: readonly string[],
): ResourceServer | undefined {
  if (identifier !== adminResource) return undefined
  const allowed = registered.filter(isAdminScope)
  if (allowed.length === 0) throw new errors.InvalidTarget()
  applyDefaultScope(ctx, allowed)
  const foreign = [...ctx.oidc.requestParamScopes].filter(
    (scope) => isAdminScope(scope) && !allowed.includes(scope),
  )
  if (foreign.length > 0) throw new errors.InvalidScope('requested scope is not allowed', foreign.join(' '))
  const sign = { alg: 'ES256' } as const
  return { scope: allowed.join(' '), audience: identifier, accessTokenFormat: 'jwt', jwt: { sign } }
}
