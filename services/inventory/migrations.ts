import { sql } from '@gatehouse/kit/store/kysely'
import type { Migration } from '@gatehouse/kit/store/open'

export interface InventoryTables {
  /** `version` grows with every change: it is the ETag. */
  stock: { sku: string; name: string; quantity: number; version: number }
  reservations: {
    order_id: string
    owner: string
    sku: string
    quantity: number
    state: 'held' | 'released'
    created_at: number
  }
}

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'stock and reservations',
    async up(db) {
      await db.schema
        .createTable('stock')
        .addColumn('sku', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addCheckConstraint('stock_never_negative', sql`quantity >= 0`)
        .execute()
      await db.schema
        .createTable('reservations')
        .addColumn('order_id', 'text', (column) => column.primaryKey())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('sku', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  {
    id: 2,
    name: 'versions of stock',
    async up(db) {
      await db.schema
        .alterTable('stock')
        .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
        .execute()
    },
  },
]
