import type { Migration } from '@gatehouse/kit/store/open'

export interface EventTables {
  /** The outbox. Times are milliseconds since the epoch. */
  events: {
    /** Without gaps, in the order of commit. */
    seq: number
    jti: string
    at: number
    /** JSON: what happened and to whom, as the SET says it. */
    claims: string
  }
  /** One row: the last `seq` that was given out. Its lock is what keeps `seq` in the order of commit. */
  event_head: { id: number; seq: number }
  /** How far each receiver's streams have been acknowledged. */
  event_streams: {
    receiver: string
    stream: string
    /** Everything up to here is acknowledged. */
    position: number
    /** JSON list of `seq` beyond `position` that are acknowledged. */
    beyond: string
    updated_at: number
  }
}

export const eventsMigration = (id: number): Migration => ({
  id,
  name: 'security events',
  async up(db) {
    await db.schema
      .createTable('events')
      .addColumn('seq', 'bigint', (column) => column.primaryKey())
      .addColumn('jti', 'text', (column) => column.notNull().unique())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('claims', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('events_at').on('events').column('at').execute()
    await db.schema
      .createTable('event_head')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('event_streams')
      .addColumn('receiver', 'text', (column) => column.notNull())
      .addColumn('stream', 'text', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('beyond', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('event_streams_pk', ['receiver', 'stream'])
      .execute()
  },
})
