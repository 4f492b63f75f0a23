import type { Clock } from '@gatehouse/kit/clock'
import type { Caller } from '../authn/caller.ts'
import { requireRole } from '../authz/roles.ts'
import { requireScopes } from '../authz/scopes.ts'
import { requireStepUp } from '../authz/step-up.ts'
import type { Route } from '../routing/route.ts'
import type { TreeEntry } from '../routing/route-tree.ts'
import { spanWords } from './words.ts'

/** A route as the person sees it who asks what they may. */
export interface ShownRule {
  readonly id: string
  /** Such as `DELETE /api/orders/:id`. */
  readonly request: string
  /** What the route wants, in words. */
  readonly wants: readonly string[]
  readonly verdict: 'yes' | 'after signing in again' | 'no'
  /** What is missing, or what was found. */
  readonly because: string
}

export type RuleEntry = TreeEntry<{ readonly route: Route }>

/** Which routes a session could take, and what each decides about this caller: by the checks that requests pass. */
export function rulesFor(entries: readonly RuleEntry[], caller: Caller, clock: Clock): readonly ShownRule[] {
  return entries
    .filter(({ value }) => value.route.authn.includes('session'))
    .map(({ path, methods, value: { route } }) => ({
      id: route.id,
      request: `${methods.join(', ')} ${path}`,
      wants: wantsOf(route),
      ...verdictOn(route, caller, clock),
    }))
}

function verdictOn(route: Route, caller: Caller, clock: Clock): Pick<ShownRule, 'verdict' | 'because'> {
  const judged = { caller, route }
  if (requireScopes(judged) !== undefined) {
    const missing = route.scopes.filter((scope) => !caller.scopes.has(scope))
    return { verdict: 'no', because: `your session lacks ${missing.join(' ')}` }
  }
  if (requireRole(judged) !== undefined) {
    return { verdict: 'no', because: `you have no role of ${route.roles.join(', ')}` }
  }
  if (requireStepUp(clock)(judged) !== undefined) {
    return { verdict: 'after signing in again', because: 'your sign-in is not recent or not strong enough' }
  }
  return { verdict: 'yes', because: `you hold ${[...route.scopes, ...rolesHeld(route, caller)].join(' ')}` }
}

function rolesHeld({ roles }: Route, caller: Caller): readonly string[] {
  return roles.filter((role) => caller.roles.has(role)).map((role) => `the role ${role}`)
}

function wantsOf({ scopes, roles, acr, maxAgeMs }: Route): readonly string[] {
  return [
    ...scopes,
    ...(roles.length === 0 ? [] : [`role ${roles.join(' or ')}`]),
    ...(acr.length === 0 ? [] : [`sign-in of level ${acr.join(' or ')}`]),
    ...(maxAgeMs === undefined ? [] : [`signed in within ${spanWords(maxAgeMs)}`]),
  ]
}
