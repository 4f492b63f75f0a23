import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import type { Logger } from '@gatehouse/kit/log'
import { type MasterKey, SecretsError } from '@gatehouse/kit/secrets'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { RevocationIndex } from '../revocation/index.ts'
import type { Renewals } from './renewal.ts'
import { newSessionId, sessionKey } from './session-id.ts'
import type { SessionRow, SessionStore } from './session-storage.ts'
import { accessEnd, openSession, renewFrom, sealRecord, type Session, type SessionRecord } from './session.ts'

/** Opened sessions per generation; the cache holds two. */
const cachedSessions = 10_000

/** How long an opened session is used before the store is asked again: another process may have ended it. */
const recheckMs = 5000
const writeLastSeenMs = 30_000

export interface SessionsOptions {
  readonly store: SessionStore
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly log: Logger
  readonly revocation: RevocationIndex
  readonly idleMs: number
  readonly absoluteMs: number
  /** Sessions of one account at a time. */
  readonly perAccount: number
  readonly issuer: string
  readonly audience: string
}

/** The sessions of this gateway: opened rows in memory for a few seconds, the store behind them. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #renewals: Renewals
  readonly #opened = new EvidenceCache<Session>(cachedSessions)
  readonly #endedListeners = new Set<(key: string) => void>()
  readonly #loading = new Map<string, Promise<Session | undefined>>()
  /** Those of them that ended meanwhile. */
  readonly #endedLoading = new Set<string>()

  constructor(options: SessionsOptions, renewals: Renewals) {
    this.#options = options
    this.#renewals = renewals
  }

  /** A new session under a new id; the account's oldest ends when there are too many. @returns the cookie's value, which is kept nowhere here */
  async create(record: SessionRecord, claims: AccessClaims, sid: string): Promise<string> {
    const { store, masterKey, clock, absoluteMs } = this.#options
    const id = newSessionId()
    const key = sessionKey(id)
    const now = clock.now()
    await store.insert({
      id_hash: key,
      sid,
      sub: claims.sub,
      record: sealRecord(record, key, masterKey),
      version: 1,
      last_seen_at: now,
      ends_at: now + absoluteMs,
      lease_until: 0,
      lease_owner: '',
    })
    await this.#endSurplus(claims.sub)
    return id
  }

  /** The session when it is at hand and needs nothing looked after; otherwise ask `get`. */
  peek(key: string): Session | undefined {
    const session = this.#opened.get(key)
    if (session === undefined) return undefined
    const now = this.#options.clock.now()
    const settled =
      now - session.checkedAt < recheckMs && now >= session.checkedAt && now < renewFrom(session)
    if (!settled || this.#isOver(session, now) || this.#isRevoked(session)) return undefined
    session.lastSeenAt = now
    return session
  }

  /** Whether it was proven to be one of ours, and may just have to be looked after. */
  isAtHand(key: string): boolean {
    return this.#opened.get(key) !== undefined
  }

  /**
   * The live session, its access token good for use, or nothing.
   * @throws StoreError; Problem `upstream_unavailable` when the token has expired and the IdP is away.
   */
  get(key: string): Promise<Session | undefined> {
    const running = this.#loading.get(key)
    if (running !== undefined) return running
    const loading = this.#load(key).finally(() => {
      this.#loading.delete(key)
      this.#endedLoading.delete(key)
    })
    this.#loading.set(key, loading)
    return loading
  }

  /** The session as it is, without renewing anything: to end it. */
  async read(key: string): Promise<Session | undefined> {
    const row = await this.#options.store.find(key)
    const session = row === undefined ? undefined : this.#open(row)
    return session === undefined || this.#isOver(session, this.#options.clock.now()) ? undefined : session
  }

  /** The sessions of an account that are not over, the newest first. */
  async ofAccount(sub: string): Promise<readonly Session[]> {
    const now = this.#options.clock.now()
    const rows = await this.#options.store.ofAccount(sub)
    return rows
      .map((row) => this.#open(row))
      .filter((session) => session !== undefined)
      .filter((session) => !this.#isOver(session, now) && !this.#isRevoked(session))
  }

  /** It ended at another gateway. */
  endedElsewhere(key: string): void {
    this.#forget(key)
  }

  /** Tells of each session that has ended, by its key. */
  onEnded(listener: (key: string) => void): void {
    this.#endedListeners.add(listener)
  }

  /** Whether this call ended it: of two at once, one did. */
  async end(key: string): Promise<boolean> {
    const ended = await this.#options.store.delete(key)
    this.#forget(key)
    return ended
  }

  /** Ends all sessions of one login or one account. @returns how many */
  async endBy(column: 'sid' | 'sub', value: string): Promise<number> {
    const keys = await this.#options.store.deleteBy(column, value)
    for (const key of keys) this.#forget(key)
    return keys.length
  }

  /** Ends the sessions of an account that began at `until` (milliseconds since the epoch) or before. @returns how many */
  async endUntil(sub: string, until: number): Promise<number> {
    const rows = await this.#options.store.ofAccount(sub)
    const over = rows.filter((row) => (this.#open(row)?.record.signedInAt ?? 0) <= until)
    const ended = await Promise.all(over.map((row) => this.end(row.id_hash)))
    return ended.filter(Boolean).length
  }

  /**
   * Ends the oldest sessions of an account until there are not too many. When they end says nothing of when they began, as the
   * configuration may have changed; what begins later than now began before the clock was set back.
   */
  async #endSurplus(sub: string): Promise<void> {
    const { store, clock, perAccount } = this.#options
    const rows = await store.ofAccount(sub)
    if (rows.length <= perAccount) return
    const now = clock.now()
    const began = (row: SessionRow): number => {
      const at = this.#open(row)?.record.signedInAt ?? 0
      return at <= now ? at : 0
    }
    const newest = rows.map((row) => ({ key: row.id_hash, began: began(row) }))
    newest.sort((one, other) => other.began - one.began || (one.key < other.key ? -1 : 1))
    await Promise.all(newest.slice(perAccount).map(({ key }) => this.end(key)))
  }

  idleEnd(session: Session): number {
    return Math.min(session.endsAt, session.lastSeenAt + this.#options.idleMs)
  }

  async #load(key: string): Promise<Session | undefined> {
    const { store, clock } = this.#options
    const row = await store.find(key)
    const session = row === undefined ? undefined : this.#open(row)
    if (row === undefined || session === undefined || this.#isOver(session, clock.now())) {
      await this.#drop(key, row)
      return undefined
    }
    const current = await this.#withFreshToken(session)
    if (current === undefined || this.#isRevoked(current)) {
      await this.#drop(key, row)
      return undefined
    }
    return this.#seen(current, row.last_seen_at)
  }

  #open(row: SessionRow): Session | undefined {
    const { masterKey, issuer, audience, log } = this.#options
    const held = this.#opened.get(row.id_hash)
    if (held?.version === row.version) {
      held.lastSeenAt = Math.max(held.lastSeenAt, row.last_seen_at)
      return held
    }
    try {
      const session = openSession(row, masterKey, { issuer, audience })
      session.lastSeenAt = Math.max(session.lastSeenAt, held?.lastSeenAt ?? 0)
      return session
    } catch (error) {
      if (!(error instanceof SecretsError || error instanceof TokenRejected)) throw error
      log.warn({ err: error, session: row.id_hash }, 'session ended: its record cannot be opened')
      return undefined
    }
  }

  /** Renews while there is time without making anyone wait, and makes them wait when there is not. */
  async #withFreshToken(session: Session): Promise<Session | undefined> {
    const now = this.#options.clock.now()
    if (now >= accessEnd(session)) return this.#renewals.renew(session)
    if (now >= renewFrom(session) && !this.#renewals.isResting(session.key)) {
      this.#renewals.renew(session).then(
        (renewed) => this.#replace(session.key, renewed),
        (error: unknown) => {
          // A Problem has been told of where it was made; the session is good for a while yet.
          if (!(error instanceof Problem)) {
            this.#options.log.warn({ err: error, session: session.key }, 'session not renewed yet')
          }
        },
      )
    }
    return session
  }

  #replace(key: string, renewed: Session | undefined): void {
    if (renewed === undefined) return this.#forget(key)
    const held = this.#opened.get(key)
    this.#opened.delete(key)
    if (held === undefined) return
    renewed.lastSeenAt = Math.max(renewed.lastSeenAt, held.lastSeenAt)
    renewed.checkedAt = this.#options.clock.now()
    this.#opened.set(key, renewed)
  }

  /** @returns nothing when it ended meanwhile: it must not come back into memory */
  async #seen(session: Session, writtenAt: number): Promise<Session | undefined> {
    const { store, clock, idleMs } = this.#options
    const now = clock.now()
    if (now - writtenAt >= Math.min(writeLastSeenMs, idleMs / 10)) await store.touch(session.key, now)
    if (this.#endedLoading.has(session.key)) return undefined
    session.lastSeenAt = now
    session.checkedAt = now
    this.#opened.set(session.key, session)
    return session
  }

  async #drop(key: string, row: SessionRow | undefined): Promise<void> {
    this.#forget(key)
    if (row !== undefined) await this.#options.store.delete(key)
  }

  #forget(key: string): void {
    this.#opened.delete(key)
    if (this.#loading.has(key)) this.#endedLoading.add(key)
    for (const listener of this.#endedListeners) listener(key)
  }

  #isOver(session: Session, now: number): boolean {
    return now >= session.endsAt || now - session.lastSeenAt >= this.#options.idleMs
  }

  #isRevoked(session: Session): boolean {
    return this.#options.revocation.isRevoked(session.revocable, session.kid)
  }
}
