import type { AuthnScheme } from '@gatehouse/kit/config/types'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { subjectKey } from '../limits/rate-key.ts'
import { LatestTokens } from '../token/reuse.ts'

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
  /** Key and end (milliseconds since the epoch) of the session, whose tokens are renewed; undefined for a token. */
  readonly session: { readonly key: string; readonly endsAt: number } | undefined
  /** What its requests are counted under. */
  readonly rateKey: string
  /** Internal tokens that were minted for it. */
  readonly latestTokens: LatestTokens
  /** Throws the proof away, and what was made on its strength: it is worth nothing any more. */
  forget(): void
}

export function callerOf(
  authn: AuthnScheme,
  claims: AccessClaims,
  more: {
    readonly kid?: string
    readonly session?: { readonly key: string; readonly endsAt: number }
    /** Where the proof is remembered, if it is. */
    readonly forget?: () => void
  },
): Caller {
  const latestTokens = new LatestTokens()
  return {
    authn,
    claims,
    kid: more.kid,
    scopes: new Set(claims.scope.split(' ')),
    roles: new Set(claims.roles),
    expiresAt: Math.min(claims.exp * 1000, more.session?.endsAt ?? Infinity),
    session: more.session,
    rateKey: subjectKey(claims.sub, claims.client_id),
    latestTokens,
    forget() {
      latestTokens.clear()
      more.forget?.()
    },
  }
}
