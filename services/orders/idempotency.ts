import type { Store } from '@gatehouse/kit/store/open'
import type { OrdersTables } from './migrations.ts'

/** How long a key stands for its order. */
export const keptMs = 24 * 3_600_000

/** Instead of the id of an order that its owner took back: its key stands for it for as long as others do. */
export const takenBack = 'taken-back'

/** Under which key an order was asked for, and what was asked. */
export interface Attempt {
  readonly owner: string
  readonly key: string
  /** The request, so that a key does not stand for two. */
  readonly wanted: string
  readonly orderId: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Remembers what was asked under an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). */
export class IdempotencyKeys {
  readonly #store: Store<OrdersTables>

  constructor(store: Store<OrdersTables>) {
    this.#store = store
  }

  /** The attempt that came first under this key: this one, or the one that was there. */
  async claim(attempt: Attempt): Promise<{ readonly orderId: string; readonly wanted: string }> {
    const { owner, key, wanted, orderId: order_id, now: created_at } = attempt
    await this.#store.db
      .insertInto('idempotency')
      .values({ owner, key, wanted, order_id, created_at })
      .onConflict((conflict) => conflict.columns(['owner', 'key']).doNothing())
      .execute()
    const row = await this.#store.db
      .selectFrom('idempotency')
      .select(['order_id', 'wanted'])
      .where('owner', '=', owner)
      .where('key', '=', key)
      .executeTakeFirst()
    // It may have been dropped in between: then the first one failed, and this one is told to try again.
    return row === undefined ? { orderId: '', wanted } : { orderId: row.order_id, wanted: row.wanted }
  }

  /** Nothing came of the order: the key may be used again. */
  async forget(orderId: string): Promise<void> {
    await this.#store.db.deleteFrom('idempotency').where('order_id', '=', orderId).execute()
  }

  /** Keys that were claimed before `before` (ms) and stand for no order: a crash came before it was written down. */
  async forgetUnused(before: number): Promise<void> {
    await this.#store.db
      .deleteFrom('idempotency')
      .where('created_at', '<', before)
      .where('order_id', '!=', takenBack)
      .where('order_id', 'not in', (query) => query.selectFrom('orders').select('id'))
      .execute()
  }

  async forgetBefore(before: number): Promise<void> {
    await this.#store.db.deleteFrom('idempotency').where('created_at', '<', before).execute()
  }
}
