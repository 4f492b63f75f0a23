import type { Config } from '@gatehouse/kit/config/types'

/** Scopes that OpenID Connect defines and that are on here (Core sections 5.4 and 11). */
export const openIdScopes = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone'] as const

export function isOpenIdScope(scope: string): boolean {
  return openIdScopes.some((known) => known === scope)
}

/** Scopes of the APIs: whatever a route of the gateway asks of a caller. */
export function apiScopes(config: Config): readonly string[] {
  return [...new Set(config.routes.flatMap((route) => route.authz.scopes))].toSorted()
}

/** The members of a `scope` value (RFC 6749 section 3.3). */
export function splitScope(scope: string): readonly string[] {
  return scope.split(' ').filter((member) => member !== '')
}
