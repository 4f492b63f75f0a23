import type { Migration } from '@gatehouse/kit/store/open'

/** Times are milliseconds since the epoch. */
export interface SessionTables {
  readonly sessions: {
    /** SHA-256 of the cookie's value, base64url: the file gives nobody a session. */
    readonly id_hash: string
    /** The IdP's name of the login, for logout from there. */
    readonly sid: string
    readonly sub: string
    /** Tokens and names, sealed under the master key. */
    readonly record: string
    /** Grows with each renewal. */
    readonly version: number
    readonly last_seen_at: number
    /** Absolute end. */
    readonly ends_at: number
    /** Until when one process may renew the tokens alone. */
    readonly lease_until: number
    readonly lease_owner: string
  }
  /** What may be used once: `state` of a login, `jti` of a logout token or of a proof of DPoP. */
  readonly session_replays: {
    readonly id: string
    readonly expires_at: number
  }
}

export const sessionsMigration = (id: number): Migration => ({
  id,
  name: 'sessions',
  async up(db) {
    await db.schema
      .createTable('sessions')
      .addColumn('id_hash', 'text', (column) => column.primaryKey())
      .addColumn('sid', 'text', (column) => column.notNull())
      .addColumn('sub', 'text', (column) => column.notNull())
      .addColumn('record', 'text', (column) => column.notNull())
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('lease_until', 'bigint', (column) => column.notNull())
      .addColumn('lease_owner', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('session_replays')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    for (const column of ['sid', 'sub', 'last_seen_at', 'ends_at']) {
      await db.schema.createIndex(`sessions_${column}`).on('sessions').column(column).execute()
    }
    await db.schema
      .createIndex('session_replays_expires_at')
      .on('session_replays')
      .column('expires_at')
      .execute()
  },
})
