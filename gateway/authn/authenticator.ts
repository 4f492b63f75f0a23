import type { Problem } from '@gatehouse/kit/errors'
import type { RequestContext } from '../pipeline/context.ts'
import type { Caller } from './caller.ts'

/** `abstain`: the request carries no credential of this kind. `reject`: it carries one that is not good. */
export type AuthnOutcome =
  | { readonly kind: 'identity'; readonly caller: Caller }
  | { readonly kind: 'abstain' }
  | { readonly kind: 'reject'; readonly problem: Problem }

export const abstain: AuthnOutcome = { kind: 'abstain' }

/** One way to prove who is calling. */
export type Authenticator = (context: RequestContext) => AuthnOutcome | Promise<AuthnOutcome>

export function reject(problem: Problem): AuthnOutcome {
  return { kind: 'reject', problem }
}
