import type { Migration } from '../store/migrate.ts'

export interface KeyRingTable {
  signing_keys: {
    ring: string
    kid: string
    alg: 'ES256'
    state: 'published' | 'signing' | 'retiring'
    /** PKCS #8 PEM, sealed under the master key. */
    sealed_key: string
    /** Milliseconds since the epoch, as `state_since`. */
    created_at: number
    state_since: number
  }
}

/** The migration that makes the key ring's table, as step `id` of a part's schema. */
export const keyRingMigration = (id: number): Migration => ({
  id,
  name: 'signing_keys',
  async up(db) {
    await db.schema
      .createTable('signing_keys')
      .addColumn('ring', 'text', (column) => column.notNull())
      .addColumn('kid', 'text', (column) => column.notNull())
      .addColumn('alg', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('sealed_key', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('state_since', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('signing_keys_pk', ['ring', 'kid'])
      .execute()
    // At most one key signs and one waits, whatever processes do at the same time.
    await db.schema
      .createIndex('signing_keys_one_each')
      .on('signing_keys')
      .columns(['ring', 'state'])
      .unique()
      .where('state', '<>', 'retiring')
      .execute()
  },
})
