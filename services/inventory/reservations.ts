import { type Clock, Problem } from '@gatehouse/kit'
import type { Transaction } from 'kysely'
import type { Store } from '@gatehouse/kit/store/open'
import type { InventoryTables } from './migrations.ts'

export interface Reservation {
  readonly order_id: string
  readonly owner: string
  readonly sku: string
  readonly quantity: number
}

type Tx = Transaction<InventoryTables>

export class Reservations {
  readonly #store: Store<InventoryTables>
  readonly #clock: Clock

  constructor(store: Store<InventoryTables>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Takes stock off the shelf for an order, once: the same reservation again changes nothing.
   * @throws Problem `out_of_stock`, `not_found` for an unknown SKU, or `conflict` when the order's id stands
   *   for another reservation or for one that was released.
   */
  async hold(wanted: Reservation): Promise<void> {
    await this.#store.db.transaction().execute(async (tx) => {
      if (await this.#insert(tx, wanted, 'held')) return takeFromShelf(tx, wanted)
      const known = await find(tx, wanted.order_id)
      if (!isSame(known, wanted)) throw new Problem('conflict')
    })
  }

  /**
   * Puts an order's stock back, once. An order that was never seen is remembered as released: its reservation
   * may still be on its way, and must not hold stock when it arrives.
   * @param owner undefined: whoever it is for.
   * @throws Problem `not_found` when the reservation is somebody else's.
   */
  async release(orderId: string, owner: string | undefined): Promise<void> {
    const nothing = { order_id: orderId, owner: owner ?? '', sku: '', quantity: 0 }
    await this.#store.db.transaction().execute(async (tx) => {
      if (await this.#insert(tx, nothing, 'released')) return
      const known = await find(tx, orderId)
      if (known === undefined || (owner !== undefined && known.owner !== owner))
        throw new Problem('not_found')
      if (await markReleased(tx, orderId)) await putOnShelf(tx, known)
    })
  }

  /** Whether it was new. The row stays locked until the transaction ends, so that others wait for its outcome. */
  async #insert(tx: Tx, reservation: Reservation, state: 'held' | 'released'): Promise<boolean> {
    const result = await tx
      .insertInto('reservations')
      .values({ ...reservation, state, created_at: this.#clock.now() })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }
}

async function find(tx: Tx, orderId: string): Promise<InventoryTables['reservations'] | undefined> {
  return tx.selectFrom('reservations').selectAll().where('order_id', '=', orderId).executeTakeFirst()
}

function isSame(known: InventoryTables['reservations'] | undefined, wanted: Reservation): boolean {
  return (
    known?.state === 'held' &&
    known.owner === wanted.owner &&
    known.sku === wanted.sku &&
    known.quantity === wanted.quantity
  )
}

/** One conditional UPDATE: however many ask at once, the shelf never goes below nothing. */
async function takeFromShelf(tx: Tx, wanted: Reservation): Promise<void> {
  const taken = await tx
    .updateTable('stock')
    .set((row) => ({ quantity: row('quantity', '-', wanted.quantity), version: row('version', '+', 1) }))
    .where('sku', '=', wanted.sku)
    .where('quantity', '>=', wanted.quantity)
    .executeTakeFirst()
  if (taken.numUpdatedRows === 1n) return
  const article = await tx.selectFrom('stock').select('sku').where('sku', '=', wanted.sku).executeTakeFirst()
  throw new Problem(article === undefined ? 'not_found' : 'out_of_stock')
}

async function putOnShelf(tx: Tx, reservation: Reservation): Promise<void> {
  await tx
    .updateTable('stock')
    .set((row) => ({ quantity: row('quantity', '+', reservation.quantity), version: row('version', '+', 1) }))
    .where('sku', '=', reservation.sku)
    .execute()
}

async function markReleased(tx: Tx, orderId: string): Promise<boolean> {
  const result = await tx
    .updateTable('reservations')
    .set({ state: 'released' })
    .where('order_id', '=', orderId)
    .where('state', '=', 'held')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
