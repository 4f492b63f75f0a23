import type { Problem } from '@gatehouse/kit/errors'
import { schemeOf } from '../authn/caller.ts'
import { insufficientScope } from '../http/challenge.ts'
import type { Judged } from '../pipeline/context.ts'

/** All scopes of the route are needed. Without a caller there are none, so a route that asks for some is closed. */
export function requireScopes({ caller, route }: Judged): Problem | undefined {
  for (const scope of route.scopes) {
    if (caller?.scopes.has(scope) !== true) return insufficientScope(route.scopes, schemeOf(caller))
  }
  return undefined
}
