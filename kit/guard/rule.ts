import { Problem } from '../errors.ts'
import type { Caller } from './caller.ts'

/** What a route demands of its caller, in its `config.guard`. There is no default: silence does not start. */
export type RouteGuard =
  | 'public'
  | {
      /** All of them are needed. */
      readonly scopes: readonly [string, ...string[]]
      /** Any one of them is enough. Leave it out to demand none. */
      readonly roles?: readonly [string, ...string[]]
    }

export interface Rule {
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** `scope-token` of RFC 6749 section 3.3; roles are held to the same characters. */
const word = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/**
 * Reads a route's `config.guard`.
 * @param where Names the route in the error: `GET /api/orders`.
 * @throws TypeError for anything that is not a {@link RouteGuard}, a misspelt key included.
 */
export function compileRule(guard: unknown, where: string): Rule | 'public' {
  if (guard === 'public') return guard
  if (typeof guard !== 'object' || guard === null) {
    throw new TypeError(`${where}: say config.guard { scopes: [...] } or 'public'`)
  }
  const unknown = Object.keys(guard).find((key) => key !== 'scopes' && key !== 'roles')
  if (unknown !== undefined) throw new TypeError(`${where}: config.guard does not know '${unknown}'`)
  return {
    scopes: words('scopes' in guard ? guard.scopes : undefined, `${where}: config.guard.scopes`),
    roles: 'roles' in guard ? words(guard.roles, `${where}: config.guard.roles`) : [],
  }
}

function words(list: unknown, where: string): readonly string[] {
  if (!Array.isArray(list) || list.length === 0) throw new TypeError(`${where} must name at least one`)
  return list.map((item: unknown) => {
    if (typeof item !== 'string' || !word.test(item)) throw new TypeError(`${where} holds an unusable name`)
    return item
  })
}

/**
 * @throws Problem `insufficient_scope` (RFC 6750 section 3.1) or `insufficient_role`.
 */
export function admit(caller: Caller, rule: Rule): void {
  for (const scope of rule.scopes) {
    if (!caller.scopes.has(scope)) throw insufficientScope(rule.scopes)
  }
  if (rule.roles.length > 0 && !rule.roles.some((role) => caller.roles.has(role))) {
    throw new Problem('insufficient_role')
  }
}

function insufficientScope(needed: readonly string[]): Problem {
  return new Problem('insufficient_scope', {
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needed.join(' ')}"` },
  })
}
