import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '@gatehouse/kit/clock'
import type { Problem } from '@gatehouse/kit/errors'
import { dpopNonceWanted, invalidProof } from '../http/challenge.ts'
import { canonicalTarget } from '../routing/canonical-path.ts'
import { BadProof, readProof, type DpopProof } from './dpop-proof.ts'

/** How old a proof may be, or how far ahead of our clock. */
const windowMs = 60_000
/** A nonce is good for one to two of these. */
const nonceMs = 300_000

export interface DpopOptions {
  readonly clock: Clock
  /** `http` or `https`: what callers outside use. */
  readonly protocol: string
  readonly requireNonce: boolean
  /** Whether this is the first use of an id; it is remembered until `expiresAt`, ms. The answer is final for all gateways. */
  useOnce(id: string, expiresAt: number): Promise<boolean>
  /** A keyed hash that all gateways agree on. */
  mac(text: string): string
}

/** The checks of RFC 9449 sections 4.3 and 7.1: that who sends a token holds the key that it is bound to. */
export class DpopCheck {
  readonly #options: DpopOptions

  constructor(options: DpopOptions) {
    this.#options = options
  }

  /** @returns the objection, if there is one. @throws StoreError: a replay cannot be told, so nothing passes. */
  async objection(request: IncomingMessage, token: string, jkt: string): Promise<Problem | undefined> {
    try {
      const proof = readProof(onlyHeader(request))
      this.#requireFit(proof, request, token, jkt)
      if (!this.#isFresh(proof)) return dpopNonceWanted(this.#nonce(0))
      await this.#requireFirstUse(proof)
      return undefined
    } catch (error) {
      if (error instanceof BadProof) return invalidProof(error)
      throw error
    }
  }

  #requireFit(proof: DpopProof, request: IncomingMessage, token: string, jkt: string): void {
    if (proof.jkt !== jkt) throw new BadProof('another key')
    if (proof.htm !== request.method) throw new BadProof('htm')
    const target = targetOf(proof.htu)
    if (target === undefined || target !== this.#targetOf(request)) throw new BadProof('htu')
    if (proof.ath !== hash('sha256', token, 'base64url')) throw new BadProof('ath')
    if (Math.abs(this.#options.clock.now() - proof.iat * 1000) > windowMs) throw new BadProof('iat')
  }

  #targetOf(request: IncomingMessage): string | undefined {
    // The public door has made sure that the host is one of ours.
    return targetOf(`${this.#options.protocol}://${request.headers.host ?? ''}${request.url ?? ''}`)
  }

  #isFresh({ nonce }: DpopProof): boolean {
    if (nonce === undefined) return !this.#options.requireNonce
    return nonce === this.#nonce(0) || nonce === this.#nonce(1)
  }

  #nonce(ago: number): string {
    const { clock } = this.#options
    return this.#options.mac(String(Math.floor(clock.now() / nonceMs) - ago))
  }

  async #requireFirstUse({ jkt, jti, iat }: DpopProof): Promise<void> {
    const id = hash('sha256', JSON.stringify(['dpop', jkt, jti]), 'base64url')
    if (!(await this.#options.useOnce(id, iat * 1000 + 2 * windowMs))) throw new BadProof('replayed')
  }
}

/** Repeated ones come joined by a comma, which no proof has; requests of HTTP/2 have no `headersDistinct`. */
function onlyHeader({ headers: { dpop: proof } }: IncomingMessage): string {
  if (typeof proof !== 'string' || proof.includes(',')) throw new BadProof('one header is needed')
  return proof
}

/** Without query and fragment (RFC 9449 section 4.3, point 9), in the one form that routing sees (RFC 3986 section 6.2.2). */
function targetOf(url: string): string | undefined {
  const parsed = URL.parse(url)
  const path = parsed === null ? undefined : canonicalTarget(parsed.pathname)?.path
  return parsed === null || path === undefined ? undefined : parsed.origin + path
}
