import type { Migration } from '@gatehouse/kit/store/open'

export interface Shop {
  thing: { id: number; name: string; amount: number | null }
}

export const things: Migration = {
  id: 1,
  name: 'thing',
  async up(db) {
    await db.schema
      .createTable('thing')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('amount', 'bigint')
      .execute()
  },
}
