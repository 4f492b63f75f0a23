import type { IncomingMessage } from 'node:http'
import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import { TokenEvidence } from '@gatehouse/kit/guard/token-evidence'
import { ownText } from '@gatehouse/kit/text'
import { isOpaque } from '@gatehouse/kit/tokens/opaque'
import { readAccessClaims, type AccessClaims } from '@gatehouse/kit/tokens/claims'
import type { JwksClient, VerificationKey } from '@gatehouse/kit/tokens/jwks-client'
import {
  JwsHeaders,
  parseUnverified,
  requireEs256,
  requireType,
  TokenRejected,
  type UnverifiedToken,
} from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken } from '../http/challenge.ts'
import type { OpaqueTokens } from '../introspection/opaque-tokens.ts'
import type { PresentedToken } from './authorization-header.ts'
import { callerOf, scopesOf, type Caller } from './caller.ts'
import type { HolderCheck } from './holder.ts'
import { jwtVerifier, type VerifyJwt } from './jwt-verifier.ts'
import { SeenOnce } from './seen-once.ts'

/** How far the clocks of the IdP and the gateway may be apart. Less than a service allows the gateway. */
export const clockToleranceMs = 2_000

/** In each of two generations. */
const verifiedTokens = 12_000
/** In each of two generations. */
const sharedScopes = 500

export interface AccessTokenVerifierOptions {
  readonly jwks: JwksClient
  readonly clock: Clock
  readonly issuer: string
  /** Resource that the token must be for. */
  readonly audience: string
  /** Without it bound tokens are refused. */
  readonly holder?: HolderCheck
  /** Without it opaque tokens are refused. */
  readonly opaque?: OpaqueTokens | undefined
}

/**
 * Proves access tokens (RFC 9068 section 4). What comes once is verified and forgotten. What comes again is verified by
 * @fastify/jwt as well, which costs half as much again, and that proof is remembered, by the whole token, until a key changes:
 * two implementations have agreed on everything that stays.
 */
export class AccessTokenVerifier {
  readonly #options: AccessTokenVerifierOptions
  readonly #verified = new TokenEvidence<Caller>(verifiedTokens)
  readonly #seenOnce = new SeenOnce()
  readonly #headers = new JwsHeaders()
  readonly #scopes = new EvidenceCache<ReadonlySet<string>>(sharedScopes)
  readonly #verifiers = new Map<VerificationKey, VerifyJwt | Promise<VerifyJwt>>()

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
    if (caller === undefined) return this.#options.opaque?.known(token)
    if (this.#options.clock.now() < caller.expiresAt + clockToleranceMs) return caller
    this.#verified.delete(token)
    throw new TokenRejected('expired')
  }

  /**
   * Proves a token that anybody may send who has it.
   * @throws TokenRejected, for a bound token too, or Problem `not_ready` while the issuer's keys were never fetched.
   */
  async verify(token: string): Promise<Caller> {
    const caller = await this.prove(token)
    // A bound token taken as unbound is a stolen one.
    if (caller.claims.cnf !== undefined) throw new TokenRejected('bad_claims', 'cnf')
    return caller
  }

  /**
   * The same for any token: whether who sends it is its holder must be asked at every request. It waits only where the key
   * or, of an opaque token, the issuer has to be asked.
   * @throws at once or later
   */
  prove(token: string): Caller | Promise<Caller> {
    const { opaque, jwks } = this.#options
    if (opaque !== undefined && isOpaque(token)) return opaque.prove(token)
    const unverified = parseUnverified(token, this.#headers)
    requireType(unverified, 'at+jwt')
    const key = jwks.get(unverified.header.kid)
    if (key === undefined) return this.#keyOf(unverified).then((found) => this.#proven(unverified, found))
    return this.#proven(unverified, key)
  }

  #proven(token: UnverifiedToken, key: VerificationKey): Caller | Promise<Caller> {
    if (!this.#seenOnce.has(token.signature)) return this.#provenOnce(token, key)
    const verify = this.#verifierOf(key)
    return verify instanceof Promise
      ? verify.then((built) => this.#provenAgain(token, key, built))
      : this.#provenAgain(token, key, verify)
  }

  #provenOnce(token: UnverifiedToken, key: VerificationKey): Caller {
    requireEs256(token, key.key)
    const claims = this.#claimsOf(token)
    this.#seenOnce.add(token.signature)
    return callerOf('bearer', claims, { kid: key.kid, scopes: this.#scopesOf(claims) })
  }

  #provenAgain(token: UnverifiedToken, key: VerificationKey, verify: VerifyJwt): Caller {
    requireSignature(token, key, verify)
    const claims = this.#claimsOf(token)
    // What came with the request is a part of its header.
    const raw = ownText(token.raw)
    const forget = (): void => this.#verified.delete(raw)
    const caller = callerOf('bearer', claims, { kid: key.kid, scopes: this.#scopesOf(claims), forget })
    caller.latestTokens.isKnown = true
    // Not if the key was withdrawn meanwhile.
    if (this.#options.jwks.get(key.kid) === key) this.#verified.set(raw, caller)
    return caller
  }

  #claimsOf({ payload }: UnverifiedToken): AccessClaims {
    const { issuer, audience, clock } = this.#options
    return readAccessClaims(payload, { issuer, audience, now: clock.now(), toleranceMs: clockToleranceMs })
  }

  #scopesOf(claims: AccessClaims): ReadonlySet<string> {
    const known = this.#scopes.get(claims.scope)
    if (known !== undefined) return known
    const scopes = scopesOf(claims)
    this.#scopes.set(claims.scope, scopes)
    return scopes
  }

  #verifierOf(key: VerificationKey): VerifyJwt | Promise<VerifyJwt> {
    const known = this.#verifiers.get(key)
    if (known !== undefined) return known
    const built = jwtVerifier(key).then((verify) => {
      if (this.#verifiers.get(key) === built) this.#verifiers.set(key, verify)
      return verify
    })
    this.#verifiers.set(key, built)
    return built
  }

  /** Whether the token may be sent by who sends it. @returns the objection, if there is one */
  objection(
    request: IncomingMessage,
    presented: PresentedToken,
    claims: AccessClaims,
  ): Problem | undefined | Promise<Problem | undefined> {
    const { holder } = this.#options
    if (holder !== undefined) return holder.objection(request, presented, claims)
    const isPlain = presented.scheme === 'bearer' && claims.cnf === undefined
    return isPlain ? undefined : invalidToken(new TokenRejected('bad_claims', 'cnf'))
  }

  async #keyOf(token: UnverifiedToken): Promise<VerificationKey> {
    const { jwks } = this.#options
    const { kid } = token.header
    const key = jwks.get(kid) ?? (await jwks.resolve(kid))
    if (key === undefined) {
      if (!jwks.ready()) throw new Problem('not_ready', { headers: { 'retry-after': '1' } })
      throw new TokenRejected('unknown_key')
    }
    return key
  }
}

function requireSignature({ header, raw }: UnverifiedToken, key: VerificationKey, verify: VerifyJwt): void {
  if (header.alg !== key.alg) throw new TokenRejected('bad_algorithm')
  try {
    verify(raw)
  } catch {
    throw new TokenRejected('bad_signature')
  }
}
