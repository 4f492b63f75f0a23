import type { AuthnScheme } from '@gatehouse/kit/config/types'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import type { TokenScheme } from '../http/challenge.ts'
import { subjectKey } from '../limits/rate-key.ts'
import { LatestTokens } from '../token/latest-tokens.ts'

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

/** What is known of a caller besides its claims. */
export interface CallerFacts {
  readonly kid?: string
  readonly session?: { readonly key: string; readonly endsAt: number }
  /** Those of the claims, where somebody has made the set of them before. */
  readonly scopes?: ReadonlySet<string>
  /** Where the proof is remembered, if it is. */
  readonly forget?: () => void
}

export function callerOf(authn: AuthnScheme, claims: AccessClaims, facts: CallerFacts): Caller {
  return new ProvenCaller(authn, claims, facts)
}

const noRoles: ReadonlySet<string> = new Set()

/** Thousands are held at a time: what can be shared is, and nothing is made before it is needed. */
class ProvenCaller implements Caller {
  readonly authn: AuthnScheme
  readonly claims: AccessClaims
  readonly kid: string | undefined
  readonly scopes: ReadonlySet<string>
  readonly roles: ReadonlySet<string>
  readonly expiresAt: number
  readonly session: Caller['session']
  readonly rateKey: string
  readonly latestTokens = new LatestTokens()
  readonly #forget: (() => void) | undefined

  constructor(authn: AuthnScheme, claims: AccessClaims, { kid, session, scopes, forget }: CallerFacts) {
    this.authn = authn
    this.claims = claims
    this.kid = kid
    this.scopes = scopes ?? scopesOf(claims)
    this.roles = claims.roles === undefined ? noRoles : new Set(claims.roles)
    this.expiresAt = Math.min(claims.exp * 1000, session?.endsAt ?? Infinity)
    this.session = session
    this.rateKey = subjectKey(claims.sub, claims.client_id)
    this.#forget = forget
  }

  forget(): void {
    this.latestTokens.clear()
    this.#forget?.()
  }
}

export function scopesOf({ scope }: AccessClaims): ReadonlySet<string> {
  return new Set(scope.split(' '))
}

/** By which its token was sent: one that is bound to a key passes with a proof alone (authn/holder.ts). */
export function schemeOf(caller: Pick<Caller, 'claims'> | undefined): TokenScheme {
  return caller?.claims.cnf?.jkt === undefined ? 'bearer' : 'dpop'
}
