/** What the admin API and those who call it have agreed on. */

/** Resource indicator of the admin API: the audience of its access tokens (RFC 8707). */
export const adminResource = 'urn:gatehouse:admin'

export const adminScopes = ['admin:read', 'admin:write'] as const

export type AdminScope = (typeof adminScopes)[number]

/** A person needs this role besides the scope. */
export const adminRole = 'admin'

/** The command line's own client, which authenticates with the key in `cli-client.jwk.json`. */
export const cliClientId = 'gatehouse-cli'

/** Below the admin listener's origin. */
export const adminPath = '/admin/v1'

export function isAdminScope(scope: string): scope is AdminScope {
  return adminScopes.some((known) => known === scope)
}
