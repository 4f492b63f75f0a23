import { insufficientScope } from '../http/challenge.ts'
import type { Stage } from '../pipeline/context.ts'

/** All scopes of the route are needed. Without a caller there are none, so a route that asks for some is closed. */
export const requireScopes: Stage = ({ caller, route }) => {
  for (const scope of route.scopes) {
    if (caller?.scopes.has(scope) !== true) return insufficientScope(route.scopes)
  }
  return undefined
}
