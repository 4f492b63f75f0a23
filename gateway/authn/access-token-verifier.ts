import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import { readAccessClaims } from '@gatehouse/kit/tokens/claims'
import type { JwksClient, VerificationKey } from '@gatehouse/kit/tokens/jwks-client'
import {
  parseUnverified,
  requireType,
  TokenRejected,
  type UnverifiedToken,
} from '@gatehouse/kit/tokens/strict-jws'
import { callerOf, type Caller } from './caller.ts'
import { jwtVerifier, type VerifyJwt } from './jwt-verifier.ts'

/** How far the clocks of the IdP and the gateway may be apart. Less than a service allows the gateway. */
export const clockToleranceMs = 2_000

const verifiedTokens = 20_000

export interface AccessTokenVerifierOptions {
  readonly jwks: JwksClient
  readonly clock: Clock
  readonly issuer: string
  /** Resource that the token must be for. */
  readonly audience: string
}

/** Proves access tokens (RFC 9068 section 4) and remembers the proofs, by the whole token, until a key changes. */
export class AccessTokenVerifier {
  readonly #options: AccessTokenVerifierOptions
  readonly #verified = new EvidenceCache<Caller>(verifiedTokens)
  readonly #verifiers = new Map<string, Promise<VerifyJwt>>()

  constructor(options: AccessTokenVerifierOptions) {
    this.#options = options
    options.jwks.onChange(() => {
      this.#verified.clear()
      this.#verifiers.clear()
    })
  }

  /**
   * Who a token was proven to be from, if it was and has not expired since.
   * @throws TokenRejected `expired`
   */
  known(token: string): Caller | undefined {
    const caller = this.#verified.get(token)
    if (caller === undefined) return undefined
    if (this.#options.clock.now() < caller.expiresAt + clockToleranceMs) return caller
    this.#verified.delete(token)
    throw new TokenRejected('expired')
  }

  /** @throws TokenRejected, or Problem `not_ready` while the issuer's keys were never fetched. */
  async verify(token: string): Promise<Caller> {
    const unverified = parseUnverified(token)
    requireType(unverified, 'at+jwt')
    const key = await this.#keyOf(unverified)
    await this.#requireSignature(unverified, key)
    const { issuer, audience, clock } = this.#options
    const expect = { issuer, audience, now: clock.now(), toleranceMs: clockToleranceMs }
    const claims = readAccessClaims(unverified.payload, expect)
    // Proofs of possession are not checked here yet, and a bound token taken as unbound is a stolen one.
    if (claims.cnf !== undefined) throw new TokenRejected('bad_claims', 'cnf')
    const caller = callerOf('bearer', claims, { kid: key.kid })
    // Not if the key was withdrawn meanwhile.
    if (this.#options.jwks.get(key.kid) === key) this.#verified.set(token, caller)
    return caller
  }

  async #keyOf(token: UnverifiedToken): Promise<VerificationKey> {
    const { jwks } = this.#options
    const { kid, alg } = token.header
    const key = jwks.get(kid) ?? (await jwks.resolve(kid))
    if (key === undefined) {
      if (!jwks.ready()) throw new Problem('not_ready', { headers: { 'retry-after': '1' } })
      throw new TokenRejected('unknown_key')
    }
    if (alg !== key.alg) throw new TokenRejected('bad_algorithm')
    return key
  }

  async #requireSignature(token: UnverifiedToken, key: VerificationKey): Promise<void> {
    const verify = await this.#verifierOf(key)
    try {
      verify(token.raw)
    } catch {
      throw new TokenRejected('bad_signature')
    }
  }

  #verifierOf(key: VerificationKey): Promise<VerifyJwt> {
    const known = this.#verifiers.get(key.kid)
    if (known !== undefined) return known
    const built = jwtVerifier(key)
    this.#verifiers.set(key.kid, built)
    return built
  }
}
