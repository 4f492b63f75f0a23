import type { Migration } from '@gatehouse/kit/store/open'

export interface EventTables {
  /** How far each transmitter has been heard. */
  readonly event_positions: {
    readonly transmitter: string
    /** Everything that happened before is applied. Milliseconds since the epoch. */
    readonly heard_until: number
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
