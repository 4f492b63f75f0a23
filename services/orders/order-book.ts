import { conforms } from '@gatehouse/kit'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Store } from '@gatehouse/kit/store/open'
import { takenBack } from './idempotency.ts'
import type { OrdersTables } from './migrations.ts'
import { Address, type Order } from './order.ts'

/** An order before its stock is known to be reserved. */
export interface Draft {
  readonly id: string
  readonly owner: string
  readonly sku: string
  readonly quantity: number
  readonly address: Address | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface Page {
  /** Undefined: everybody's. */
  readonly owner: string | undefined
  readonly limit: number
  /** Orders older than the one with this id. */
  readonly after: string | undefined
}

type Row = OrdersTables['orders']

export class OrderBook {
  readonly #store: Store<OrdersTables>
  readonly #masterKey: MasterKey

  constructor(store: Store<OrdersTables>, masterKey: MasterKey) {
    this.#store = store
    this.#masterKey = masterKey
  }

  /** Newest first. */
  async list(page: Page): Promise<readonly Order[]> {
    let query = this.#store.db.selectFrom('orders').selectAll().where('status', '=', 'reserved')
    if (page.owner !== undefined) query = query.where('owner', '=', page.owner)
    if (page.after !== undefined) query = query.where('id', '<', page.after)
    const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
    return rows.map((row) => this.#order(row))
  }

  async find(id: string): Promise<Order | undefined> {
    const row = await this.#store.db
      .selectFrom('orders')
      .selectAll()
      .where('id', '=', id)
      .where('status', '=', 'reserved')
      .executeTakeFirst()
    return row && this.#order(row)
  }

  /** Writes an order down before its stock is asked for, so that a crash in between leaves a trace. */
  async open(draft: Draft): Promise<void> {
    const { id, owner, sku, quantity, createdAt } = draft
    const address = draft.address && this.#masterKey.seal(JSON.stringify(draft.address), place(id))
    const row: Row = { id, owner, sku, quantity, status: 'pending', address, created_at: createdAt }
    await this.#store.db.insertInto('orders').values(row).execute()
  }

  /** Whether it is reserved now; not when it was cancelled meanwhile. */
  async confirm(id: string): Promise<boolean> {
    const result = await this.#store.db
      .updateTable('orders')
      .set({ status: 'reserved' })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Whether it is cancelled now; a reserved order stays reserved. */
  async cancel(id: string): Promise<boolean> {
    const result = await this.#store.db
      .updateTable('orders')
      .set({ status: 'cancelled' })
      .where('id', '=', id)
      .where('status', '!=', 'reserved')
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Whether its owner took it back with this call; its stock is then to be released. */
  async withdraw(id: string, owner: string): Promise<boolean> {
    return this.#store.db.transaction().execute(async (tx) => {
      const result = await tx
        .updateTable('orders')
        .set({ status: 'cancelled' })
        .where('id', '=', id)
        .where('owner', '=', owner)
        .where('status', '=', 'reserved')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      await tx
        .updateTable('idempotency')
        .set({ order_id: takenBack })
        .where('owner', '=', owner)
        .where('order_id', '=', id)
        .execute()
      return true
    })
  }

  /** Whether it was begun and is not dropped: reserved, too, where the answer to `confirm` was lost. */
  async isKept(id: string): Promise<boolean> {
    const row = await this.#store.db.selectFrom('orders').select('id').where('id', '=', id).executeTakeFirst()
    return row !== undefined
  }

  /** Forgets an order that holds no stock. */
  async drop(id: string): Promise<void> {
    await this.#store.db.deleteFrom('orders').where('id', '=', id).where('status', '!=', 'reserved').execute()
  }

  /**
   * Ids of orders that were begun before `before` (ms) and neither confirmed nor dropped, the oldest first.
   * @param owner undefined: everybody's.
   */
  async leftovers(owner: string | undefined, before: number): Promise<readonly string[]> {
    let query = this.#store.db
      .selectFrom('orders')
      .select('id')
      .where('status', '!=', 'reserved')
      .where('created_at', '<', before)
    if (owner !== undefined) query = query.where('owner', '=', owner)
    const rows = await query.orderBy('created_at').limit(10).execute()
    return rows.map((row) => row.id)
  }

  #order(row: Row): Order {
    return {
      id: row.id,
      sku: row.sku,
      quantity: row.quantity,
      status: 'reserved',
      address: row.address === null ? null : this.#address(row.address, row.id),
      owner: row.owner,
      created_at: new Date(row.created_at).toISOString(),
    }
  }

  #address(sealed: string, id: string): Address {
    const address: unknown = JSON.parse(this.#masterKey.open(sealed, place(id)))
    if (!conforms(Address, address)) throw new TypeError('a stored address does not have its shape')
    return address
  }
}

function place(id: string): string {
  return `orders.orders.address:${id}`
}
