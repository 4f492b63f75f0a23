import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Logger } from '@gatehouse/kit/log'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { IdpRefused, IdpUnavailable } from './idp-failure.ts'
import { idpTimeoutMs, type IssuedTokens, type RelyingParty } from './relying-party.ts'
import type { SessionRow, SessionStore } from './session-storage.ts'
import type { Session, SessionRecord } from './session.ts'

// Two tries at the IdP fit in. It must stay shorter than the IdP's grace for a repeated refresh token: whoever takes
// over from a process that died in between then gets the same successor.
const leaseMs = 2 * idpTimeoutMs + 2000
const waitMs = 10_000
const pollMs = 50
const retryPauseMs = 2000

export type RenewalResult = 'renewed' | 'refused' | 'unavailable' | 'joined'

export interface RenewalOptions {
  readonly store: SessionStore
  readonly relyingParty: RelyingParty
  readonly clock: Clock
  readonly log: Logger
  readonly verifyAccessToken: (token: string) => Promise<AccessClaims>
  readonly seal: (record: SessionRecord, key: string) => string
  readonly open: (row: SessionRow) => Session
  readonly count: (result: RenewalResult) => void
}

/**
 * Renews access tokens, exactly once however many ask: within this process callers share one promise, across
 * processes the row's lease lets one go to the IdP while the others wait for what it brings.
 */
export class Renewals {
  readonly #options: RenewalOptions
  readonly #owner = randomUUID()
  readonly #inFlight = new Map<string, Promise<Session | undefined>>()
  /** Until when an IdP that gave no answer is left alone, by session. */
  readonly #restUntil = new EvidenceCache<number>(5_000)

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /**
   * @returns the session with fresh tokens, or nothing when it has ended: the IdP said no.
   * @throws Problem `upstream_unavailable` when the IdP gave no answer; the session stays. StoreError.
   */
  renew(session: Session): Promise<Session | undefined> {
    const running = this.#inFlight.get(session.key)
    if (running !== undefined) return running
    const renewal = this.#renew(session).finally(() => this.#inFlight.delete(session.key))
    this.#inFlight.set(session.key, renewal)
    return renewal
  }

  /** Whether a try failed just now, so that another one can wait. */
  isResting(key: string): boolean {
    return this.#options.clock.now() < (this.#restUntil.get(key) ?? 0)
  }

  /** Waits for renewals under way, so that no refreshed token is lost when the process stops. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#inFlight.values())
  }

  async #renew(session: Session): Promise<Session | undefined> {
    const { store, clock, open, count } = this.#options
    if (this.isResting(session.key)) throw idpAway()
    const giveUpAt = performance.now() + waitMs
    while (performance.now() < giveUpAt) {
      const now = clock.now()
      const row = { id_hash: session.key, version: session.version }
      if (await store.takeLease(row, this.#owner, now, now + leaseMs)) return this.#refresh(session)
      const current = await store.find(session.key)
      if (current === undefined) return undefined
      if (current.version !== session.version) {
        count('joined')
        return open(current)
      }
      await delay(pollMs)
    }
    throw idpAway()
  }

  async #refresh(session: Session): Promise<Session | undefined> {
    const { store, log, count } = this.#options
    try {
      const renewed = await this.#save(session, await this.#ask(session))
      count('renewed')
      return renewed
    } catch (error) {
      if (error instanceof IdpRefused || error instanceof TokenRejected) {
        count('refused')
        const reason = error instanceof IdpRefused ? error.code : error.reason
        log.info({ session: session.key, sub: session.sub, reason }, 'session ended: its renewal was refused')
        await store.delete(session.key)
        return undefined
      }
      this.#restUntil.set(session.key, this.#options.clock.now() + retryPauseMs)
      await store.releaseLease(session.key, this.#owner)
      if (!(error instanceof IdpUnavailable)) throw error
      count('unavailable')
      log.warn({ err: error, session: session.key }, 'session not renewed: no answer of the identity server')
      throw idpAway(error)
    }
  }

  /** Two tries, because an answer that was lost on the way is given again to the same token for a few seconds. */
  async #ask({ record }: Session): Promise<IssuedTokens> {
    const { relyingParty } = this.#options
    if (record.refreshToken === undefined) throw new IdpRefused('no_refresh_token')
    try {
      return await relyingParty.refresh(record.refreshToken)
    } catch (error) {
      if (!(error instanceof IdpUnavailable)) throw error
      return relyingParty.refresh(record.refreshToken)
    }
  }

  async #save(session: Session, tokens: IssuedTokens): Promise<Session | undefined> {
    const { store, relyingParty, log, verifyAccessToken, seal, open } = this.#options
    const claims = await verifyAccessToken(tokens.accessToken).catch((error: unknown) => {
      // Its keys cannot be had: that says nothing about the session.
      if (error instanceof TokenRejected && error.reason === 'unknown_key')
        throw new IdpUnavailable('unknown key', { cause: error })
      throw error
    })
    if (claims.sub !== session.sub) throw new IdpRefused('other_subject')
    const refreshToken = tokens.refreshToken ?? session.record.refreshToken
    const record: SessionRecord = {
      ...session.record,
      accessToken: tokens.accessToken,
      ...(refreshToken === undefined ? {} : { refreshToken }),
    }
    const row = { id_hash: session.key, version: session.version }
    const saved = await store.saveRenewal(row, this.#owner, seal(record, session.key))
    const current = await store.find(session.key)
    if (current !== undefined) return open(current)
    // Signed out meanwhile: nobody is left to use what was just handed out.
    if (!saved && refreshToken !== undefined) {
      await relyingParty.revoke(refreshToken).catch((error: unknown) => {
        log.warn(
          { err: error, session: session.key },
          'the refresh token of an ended session was not revoked',
        )
      })
    }
    return undefined
  }
}

function idpAway(cause?: unknown): Problem {
  return new Problem('upstream_unavailable', {
    detail: 'The identity server cannot be reached to renew the session',
    headers: { 'retry-after': '2' },
    cause,
  })
}
