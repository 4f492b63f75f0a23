import type { Migration } from '@gatehouse/kit/store/open'

export interface OrdersTables {
  /**
   * `pending`: its stock may be reserved or not. `reserved`: it is. `cancelled`: its stock is being given back.
   * `address` is JSON under the master key, or null: it does not rest in the clear.
   */
  orders: {
    id: string
    owner: string
    sku: string
    quantity: number
    status: 'pending' | 'reserved' | 'cancelled'
    address: string | null
    created_at: number
  }
  /** What was asked for under an `Idempotency-Key`, and the order that came of it. */
  idempotency: { owner: string; key: string; wanted: string; order_id: string; created_at: number }
}

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'orders',
    async up(db) {
      await db.schema
        .createTable('orders')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('sku', 'text', (column) => column.notNull())
        .addColumn('quantity', 'integer', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('address', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('orders_of_owner').on('orders').columns(['owner', 'id']).execute()
    },
  },
  {
    id: 2,
    name: 'idempotency keys',
    async up(db) {
      await db.schema
        .createTable('idempotency')
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('wanted', 'text', (column) => column.notNull())
        .addColumn('order_id', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('idempotency_of_owner', ['owner', 'key'])
        .execute()
    },
  },
]
