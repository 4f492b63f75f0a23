import { Problem } from '@gatehouse/kit/errors'
import type { Judged } from '../pipeline/context.ts'

/** Any one of the route's roles is enough; a route that names none demands none. */
export function requireRole({ caller, route }: Judged): Problem | undefined {
  if (route.roles.length === 0 || route.roles.some((role) => caller?.roles.has(role) === true))
    return undefined
  return new Problem('insufficient_role')
}
