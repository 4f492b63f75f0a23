import type { Kysely } from 'kysely'
import { isUniqueViolation } from '@gatehouse/kit/store/open'
import type { SessionRow, SessionStore } from './session-storage.ts'
import type { SessionTables } from './tables.ts'

/** Rows that one round of clean-up may delete, so that it never holds up the requests for long. */
const sweepLimit = 500

/** Sessions in the gateway's own database, SQLite or PostgreSQL. */
export class SqlSessionStore implements SessionStore {
  readonly #db: Kysely<SessionTables>

  constructor(db: Kysely<SessionTables>) {
    this.#db = db
  }

  async insert(row: SessionRow): Promise<void> {
    await this.#db.insertInto('sessions').values(row).execute()
  }

  find(idHash: string): Promise<SessionRow | undefined> {
    return this.#db.selectFrom('sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst()
  }

  async lastSeen(idHashes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db
      .selectFrom('sessions')
      .select(['id_hash', 'last_seen_at'])
      .where('id_hash', 'in', idHashes)
      .execute()
    return new Map(rows.map((row) => [row.id_hash, row.last_seen_at]))
  }

  ofAccount(sub: string): Promise<readonly SessionRow[]> {
    return this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('sub', '=', sub)
      .orderBy('ends_at', 'desc')
      .orderBy('id_hash')
      .execute()
  }

  async touch(idHash: string, lastSeenAt: number): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ last_seen_at: lastSeenAt })
      .where('id_hash', '=', idHash)
      .where('last_seen_at', '<', lastSeenAt)
      .execute()
  }

  async takeLease(
    row: Pick<SessionRow, 'id_hash' | 'version'>,
    owner: string,
    now: number,
    leaseUntil: number,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set({ lease_owner: owner, lease_until: leaseUntil })
      .where('id_hash', '=', row.id_hash)
      .where('version', '=', row.version)
      .where('lease_until', '<=', now)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  async saveRenewal(
    row: Pick<SessionRow, 'id_hash' | 'version'>,
    owner: string,
    record: string,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('sessions')
      .set({ record, version: row.version + 1, lease_until: 0 })
      .where('id_hash', '=', row.id_hash)
      .where('version', '=', row.version)
      .where('lease_owner', '=', owner)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  async releaseLease(idHash: string, owner: string): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ lease_until: 0 })
      .where('id_hash', '=', idHash)
      .where('lease_owner', '=', owner)
      .execute()
  }

  async delete(idHash: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('sessions')
      .where('id_hash', '=', idHash)
      .executeTakeFirst()
    return numDeletedRows === 1n
  }

  async deleteBy(column: 'sid' | 'sub', value: string): Promise<readonly string[]> {
    const rows = await this.#db
      .deleteFrom('sessions')
      .where(column, '=', value)
      .returning('id_hash')
      .execute()
    return rows.map((row) => row.id_hash)
  }

  async useOnce(id: string, expiresAt: number): Promise<boolean> {
    try {
      await this.#db.insertInto('session_replays').values({ id, expires_at: expiresAt }).execute()
      return true
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  async sweep(now: number, idleSince: number): Promise<number> {
    const over = this.#db
      .selectFrom('sessions')
      .select('id_hash')
      .where((row) => row.or([row('ends_at', '<=', now), row('last_seen_at', '<=', idleSince)]))
      .limit(sweepLimit)
    const used = this.#db
      .selectFrom('session_replays')
      .select('id')
      .where('expires_at', '<=', now)
      .limit(sweepLimit)
    const sessions = await this.#db.deleteFrom('sessions').where('id_hash', 'in', over).executeTakeFirst()
    const replays = await this.#db.deleteFrom('session_replays').where('id', 'in', used).executeTakeFirst()
    return Number(sessions.numDeletedRows + replays.numDeletedRows)
  }
}
