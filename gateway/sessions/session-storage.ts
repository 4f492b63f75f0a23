import type { SessionTables } from './tables.ts'

export type SessionRow = SessionTables['sessions']

/**
 * Where sessions are kept. A row is changed only under conditions that make each change happen once, whatever runs
 * beside it. All throw `StoreError` when the store is lost.
 */
export interface SessionStore {
  insert(row: SessionRow): Promise<void>
  find(idHash: string): Promise<SessionRow | undefined>
  /** When each was last seen of those that there are. */
  lastSeen(idHashes: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The sessions of an account, the newest first. */
  ofAccount(sub: string): Promise<readonly SessionRow[]>
  /** Moves `last_seen_at` on, never back. */
  touch(idHash: string, lastSeenAt: number): Promise<void>
  /** Whether `owner` may now renew the tokens of this version alone, until `leaseUntil`. */
  takeLease(
    row: Pick<SessionRow, 'id_hash' | 'version'>,
    owner: string,
    now: number,
    leaseUntil: number,
  ): Promise<boolean>
  /** Puts the renewed record in place and ends the lease; false when the session has gone or changed meanwhile. */
  saveRenewal(row: Pick<SessionRow, 'id_hash' | 'version'>, owner: string, record: string): Promise<boolean>
  releaseLease(idHash: string, owner: string): Promise<void>
  /** Whether it was there: of two that delete at once, one is told so. */
  delete(idHash: string): Promise<boolean>
  /** Ends every session of one login (`sid`) or of one account (`sub`). @returns the hashes of what ended */
  deleteBy(column: 'sid' | 'sub', value: string): Promise<readonly string[]>
  /** Whether this is the first use of `id`. It is remembered until `expiresAt`. */
  useOnce(id: string, expiresAt: number): Promise<boolean>
  /** Deletes what is over: past its absolute end, or last seen before `idleSince`. @returns how many rows went */
  sweep(now: number, idleSince: number): Promise<number>
}
