import type { Clock } from '@gatehouse/kit/clock'
import { TokenEvidence } from '@gatehouse/kit/guard/token-evidence'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { readInternalClaims, type InternalClaims } from '@gatehouse/kit/tokens/internal'
import { parseUnverified, requireEs256, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { RevocationIndex } from '../revocation/index.ts'

const toleranceMs = 2_000
const verifiedTokens = 5_000

export interface ParentTokenOptions {
  readonly ring: KeyRing
  readonly clock: Clock
  readonly issuer: string
  readonly revocation: RevocationIndex
}

/**
 * Proves the internal token that a workload was given, and now shows to get the next one. It must have been made for
 * that workload (`aud`); who presented it there (`req_wl`) was for that workload to check.
 */
export class ParentTokens {
  readonly #options: ParentTokenOptions
  readonly #verified = new TokenEvidence<InternalClaims>(verifiedTokens)

  constructor(options: ParentTokenOptions) {
    this.#options = options
    options.ring.onChange(() => this.#verified.clear())
  }

  /**
   * @param audience name of the workload that shows it.
   * @throws TokenRejected
   */
  verify(token: string, audience: string): InternalClaims {
    const claims = this.#verified.get(token) ?? this.#prove(token, audience)
    if (claims.aud !== audience) throw new TokenRejected('bad_audience')
    if (this.#options.clock.now() >= claims.exp * 1000 + toleranceMs) throw new TokenRejected('expired')
    if (this.#options.revocation.isRevoked(claims, undefined)) throw new TokenRejected('revoked')
    return claims
  }

  #prove(token: string, audience: string): InternalClaims {
    const { ring, clock, issuer } = this.#options
    const unverified = parseUnverified(token)
    if (unverified.header.typ !== 'internal+jwt') throw new TokenRejected('bad_type')
    const key = ring.keys().find(({ kid }) => kid === unverified.header.kid)
    if (key === undefined) throw new TokenRejected('unknown_key')
    requireEs256(unverified, key.publicKey)
    const expect = { issuer, audience, now: clock.now(), toleranceMs }
    const claims = readInternalClaims(unverified.payload, expect)
    this.#verified.set(token, claims)
    return claims
  }
}
