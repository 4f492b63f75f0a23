import { randomUUID } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { maxInternalTokenMs, signInternalToken, type InternalClaims } from '@gatehouse/kit/tokens/internal'

/** What the one who asks for an internal token states; the minter adds who issues it, when, and until when. */
export type TokenRequest = Omit<InternalClaims, 'iss' | 'jti' | 'iat' | 'exp'> & {
  /** Milliseconds since the epoch: the end of the authority that it is made from. */
  readonly notAfter: number
}

export interface MintedToken {
  readonly token: string
  readonly claims: InternalClaims
}

export type Mint = (request: TokenRequest) => MintedToken

/**
 * Makes internal tokens, each signed anew: one ES256 signature, about 25 µs. Where that may be saved: reuse.ts.
 * @param options.lifeMs at most 60,000.
 */
export function createMint(options: {
  readonly ring: KeyRing
  readonly clock: Clock
  readonly issuer: string
  readonly lifeMs: number
}): Mint {
  const { ring, clock, issuer } = options
  const lifeMs = Math.min(options.lifeMs, maxInternalTokenMs)
  return ({ notAfter, ...request }) => {
    const now = clock.now()
    const exp = Math.floor(Math.min(now + lifeMs, notAfter) / 1000)
    // A parent that ran out within the tolerance on clocks has a child that runs out with it.
    const iat = Math.min(Math.floor(now / 1000), exp - 1)
    const claims: InternalClaims = { iss: issuer, ...request, jti: randomUUID(), iat, exp }
    return { token: signInternalToken(claims, ring.signing()), claims }
  }
}
