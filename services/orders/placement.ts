import { type Call, type Caller, type Clock, type Logger, Problem } from '@gatehouse/kit'
import { readAddress } from './address.ts'
import { newOrderId, type Order } from './order.ts'
import { takenBack, type IdempotencyKeys } from './idempotency.ts'
import type { OrderFeed } from './feed.ts'
import type { Draft, OrderBook } from './order-book.ts'
import { releaseStock, reserveStock } from './stock.ts'

/** An order that was begun longer ago is not being worked on any more: internal tokens live 60 s. */
export const abandonedAfterMs = 60_000

export interface PlacementDeps {
  readonly book: OrderBook
  readonly keys: IdempotencyKeys
  readonly call: Call
  readonly clock: Clock
  readonly log: Logger
  readonly feed: OrderFeed
}

export interface Wanted {
  readonly sku: string
  readonly quantity: number
}

/**
 * Places an order in two databases: written down as `pending`, stock reserved under its id, confirmed. What
 * fails on the way is given back at once; what a crash leaves is given back with the owner's next order, or by
 * recovery.ts, whichever comes first.
 */
export class Placement {
  readonly #deps: PlacementDeps

  constructor(deps: PlacementDeps) {
    this.#deps = deps
  }

  /**
   * Places an order once, however often it is asked for under the same key within a day.
   * @throws Problem `conflict` while it is being placed, when the key stands for another order, and for one that was taken back.
   */
  async placeOnce(caller: Caller, wanted: Wanted, key: string): Promise<Order> {
    const { book, keys, clock } = this.#deps
    const now = clock.now()
    const id = newOrderId(now)
    const text = JSON.stringify([wanted.sku, wanted.quantity])
    const first = await keys.claim({ owner: caller.sub, key, wanted: text, orderId: id, now })
    if (first.wanted !== text) {
      throw new Problem('conflict', { detail: 'This Idempotency-Key stands for another order.' })
    }
    if (first.orderId === takenBack) throw new Problem('conflict', { detail: 'This order was taken back.' })
    if (first.orderId !== id) {
      const order = await book.find(first.orderId)
      if (order !== undefined) return order
      throw new Problem('conflict', {
        detail: 'This order is being placed.',
        headers: { 'retry-after': '1' },
      })
    }
    try {
      return await this.place(caller, wanted, id)
    } catch (error) {
      // What is not known to have failed keeps its key: recovery.ts settles it, unless it is there after all.
      if (!(await book.isKept(id))) await keys.forget(id)
      throw error
    }
  }

  async place(caller: Caller, wanted: Wanted, id = newOrderId(this.#deps.clock.now())): Promise<Order> {
    const { book, call, clock, feed } = this.#deps
    await this.#giveBackLeftovers(caller)
    const address = await readAddress(call, caller)
    const now = clock.now()
    const { sku, quantity } = wanted
    const draft: Draft = { id, owner: caller.sub, sku, quantity, address, createdAt: now }
    await book.open(draft)
    await this.#reserve(caller, draft)
    const { owner } = draft
    const created_at = new Date(now).toISOString()
    const order: Order = { id, sku, quantity, status: 'reserved', address, owner, created_at }
    feed.placed(order)
    return order
  }

  /** Whether the caller had such an order, and has it no more. Stock that cannot be given back now is by recovery.ts. */
  async cancel(caller: Caller, id: string): Promise<boolean> {
    if (!(await this.#deps.book.withdraw(id, caller.sub))) return false
    this.#deps.feed.cancelled(caller.sub, id)
    await this.#release(caller, id)
    return true
  }

  async #reserve(caller: Caller, draft: Draft): Promise<void> {
    const { book, call } = this.#deps
    let refusal: Problem | undefined
    try {
      refusal = await reserveStock(call, caller, draft)
      if (refusal === undefined && !(await book.confirm(draft.id))) throw new Problem('conflict')
    } catch (error) {
      await this.#giveBack(caller, draft.id)
      throw error
    }
    if (refusal === undefined) return
    await book.drop(draft.id)
    throw refusal
  }

  async #giveBackLeftovers(caller: Caller): Promise<void> {
    const before = this.#deps.clock.now() - abandonedAfterMs
    for (const id of await this.#deps.book.leftovers(caller.sub, before)) await this.#giveBack(caller, id)
  }

  /** Cancelled first: from then on it cannot be confirmed any more, whoever else is at it. */
  async #giveBack(caller: Caller, id: string): Promise<void> {
    const { book, log } = this.#deps
    try {
      if (await book.cancel(id)) await this.#release(caller, id)
    } catch (error) {
      log.warn({ txn: caller.txn, order: id, err: error }, 'an order was not given up')
    }
  }

  async #release(caller: Caller, id: string): Promise<void> {
    const { book, keys, call, log } = this.#deps
    try {
      await releaseStock(call, caller, id)
      // Before the order, without which nobody would look for it any more.
      await keys.forget(id)
      await book.drop(id)
    } catch (error) {
      log.warn({ txn: caller.txn, order: id, err: error }, 'an order keeps its stock until it is settled')
    }
  }
}
