import { sql } from '../store/kysely.ts'
import type { Migration } from '../store/migrate.ts'

export interface AuditTable {
  audit: {
    /** 1, 2, 3, … without a gap. */
    seq: number
    /** Milliseconds since the epoch. */
    at: number
    action: string
    actor: string
    subject: string | null
    txn: string | null
    /** JSON. */
    details: string | null
    /** SHA-256 of the entry before and of this one's columns, base64url. */
    hash: string
  }
  /** One row: where the chain ends. */
  audit_head: { id: number; count: number; hash: string; mac: string }
}

/** The migration that makes the audit log's tables, as step `id` of a part's schema. */
export const auditMigration = (id: number): Migration => ({
  id,
  name: 'audit',
  async up(db) {
    await db.schema
      .createTable('audit')
      .addColumn('seq', 'bigint', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('txn', 'text')
      .addColumn('details', 'text')
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('audit_head')
      .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('mac', 'text', (column) => column.notNull())
      .execute()
  },
})
