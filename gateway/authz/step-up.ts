import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { schemeOf } from '../authn/caller.ts'
import { challengeFor, type TokenScheme } from '../http/challenge.ts'
import type { Judged } from '../pipeline/context.ts'

/** How well, or how lately, a route wants the person to have proven who they are. */
export interface StepUp {
  readonly acr: readonly string[]
  readonly maxAgeMs: number | undefined
}

/** The route wants a stronger or more recent sign-in than the caller's (RFC 9470). Machines have none at all. */
export function requireStepUp(clock: Clock): (judged: Judged) => Problem | undefined {
  return ({ caller, route }) => {
    if (route.acr.length === 0 && route.maxAgeMs === undefined) return undefined
    const { acr, auth_time } = caller?.claims ?? {}
    const strong = route.acr.length === 0 || (acr !== undefined && route.acr.includes(acr))
    const recent =
      route.maxAgeMs === undefined ||
      (auth_time !== undefined && clock.now() - auth_time * 1000 <= route.maxAgeMs)
    return strong && recent ? undefined : stepUpNeeded(route, schemeOf(caller))
  }
}

/** RFC 9470 section 3. */
function stepUpNeeded({ acr, maxAgeMs }: StepUp, by: TokenScheme): Problem {
  const wanted = [
    'error_description="A stronger or more recent sign-in is needed"',
    ...(acr.length === 0 ? [] : [`acr_values="${acr.join(' ')}"`]),
    ...(maxAgeMs === undefined ? [] : [`max_age="${seconds(maxAgeMs)}"`]),
  ]
  return new Problem('insufficient_user_authentication', {
    headers: { 'www-authenticate': challengeFor(by, 'insufficient_user_authentication', wanted) },
  })
}

/** The parameters of OpenID Connect Core section 3.1.2.1 that ask for it. */
export function stepUpParameters({ acr, maxAgeMs }: StepUp): Readonly<Record<string, string>> {
  return {
    ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
    ...(maxAgeMs === undefined ? {} : { max_age: seconds(maxAgeMs) }),
  }
}

function seconds(ms: number): string {
  return String(Math.max(1, Math.floor(ms / 1000)))
}
