import type { AuthnScheme } from '@gatehouse/kit/config/types'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { subjectKey } from '../limits/rate-key.ts'

/** Who sent a request, proven. It is evidence: whether it is enough is decided anew for every request. */
export interface Caller {
  readonly authn: AuthnScheme
  readonly claims: AccessClaims
  /** Key that signed the access token; undefined for a session, whose tokens never left the gateway. */
  readonly kid: string | undefined
  readonly scopes: ReadonlySet<string>
  readonly roles: ReadonlySet<string>
  /** Milliseconds since the epoch: the end of the token or the session, whichever comes first. */
  readonly expiresAt: number
  /** What its requests are counted under. */
  readonly rateKey: string
}

export function callerOf(
  authn: AuthnScheme,
  claims: AccessClaims,
  more: { readonly kid?: string; readonly endsAt?: number },
): Caller {
  return {
    authn,
    claims,
    kid: more.kid,
    scopes: new Set(claims.scope.split(' ')),
    roles: new Set(claims.roles),
    expiresAt: Math.min(claims.exp * 1000, more.endsAt ?? Infinity),
    rateKey: subjectKey(claims.sub, claims.client_id),
  }
}
