import type { ConfigDocument } from '../document.ts'
import { listAt, textsAt, valueAt } from '../written.ts'

/**
 * Who may pass and what travels on must be written out: empty never means "allow". Without authentication
 * there is nobody to authorize and nobody to mint a token for.
 */
export function routeAuthorityIsWrittenOut(document: ConfigDocument): void {
  for (const [index, route] of listAt(document.value, 'routes').entries()) {
    const authn = valueAt(route, 'authn')
    if (authn === 'none') checkOpenRoute(route, index, document)
    else if (Array.isArray(authn)) checkGuardedRoute(route, index, document)
  }
}

function checkOpenRoute(route: unknown, index: number, document: ConfigDocument): void {
  for (const key of ['authz', 'token']) {
    if (valueAt(route, key) === undefined) continue
    document.fault(['routes', index, key], `has no meaning with 'authn: none': there is no caller`, 'key')
  }
}

function checkGuardedRoute(route: unknown, index: number, document: ConfigDocument): void {
  const isAuthorized = textsAt(route, 'authz', 'scopes').length + textsAt(route, 'authz', 'roles').length > 0
  // An empty or malformed list has its own fault from the schema.
  const saysScopes = valueAt(route, 'authz', 'scopes') !== undefined
  const saysRoles = valueAt(route, 'authz', 'roles') !== undefined
  if (!isAuthorized && !saysScopes && !saysRoles) {
    document.fault(
      ['routes', index, 'authz'],
      "says neither scopes nor roles; an authenticated route must say what it needs, as 'authz: { scopes: [orders:read] }'",
    )
  }
  if (valueAt(route, 'token') === undefined) {
    document.fault(
      ['routes', index],
      "'token' is missing; say which scopes the internal token carries, as 'token: { scopes: [orders:read] }'",
    )
  }
}
