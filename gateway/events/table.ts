import type { Migration } from '@gatehouse/kit/store/open'

export interface EventTables {
  /** How far each transmitter has been heard. */
  readonly event_positions: {
    readonly transmitter: string
    /** Everything that happened before is applied. Milliseconds since the epoch. */
    readonly heard_until: number
  }
  /** What foreign transmitters said lately, for the other gateways and the next start. */
  readonly foreign_events: {
    readonly transmitter: string
    readonly jti: string
    readonly received_at: number
    /** JSON. */
    readonly revocations: string
  }
}

export const eventsMigration = (id: number): Migration => ({
  id,
  name: 'security events',
  async up(db) {
    await db.schema
      .createTable('event_positions')
      .addColumn('transmitter', 'text', (column) => column.primaryKey())
      .addColumn('heard_until', 'bigint', (column) => column.notNull())
      .execute()
  },
})

export const foreignEventsMigration = (id: number): Migration => ({
  id,
  name: 'security events of others',
  async up(db) {
    await db.schema
      .createTable('foreign_events')
      .addColumn('transmitter', 'text', (column) => column.notNull())
      .addColumn('jti', 'text', (column) => column.notNull())
      .addColumn('received_at', 'bigint', (column) => column.notNull())
      .addColumn('revocations', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('foreign_events_pk', ['transmitter', 'jti'])
      .execute()
    await db.schema
      .createIndex('foreign_events_received_at')
      .on('foreign_events')
      .column('received_at')
      .execute()
  },
})
