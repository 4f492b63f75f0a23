import { type Call, type Caller, type Clock, type Logger, Problem } from '@gatehouse/kit'
import { readAddress } from './address.ts'
import { newOrderId, type Order } from './order.ts'
import type { Draft, OrderBook } from './order-book.ts'
import { releaseStock, reserveStock } from './stock.ts'

/** An order that was begun longer ago is not being worked on any more: internal tokens live 60 s. */
const abandonedAfterMs = 60_000

export interface PlacementDeps {
  readonly book: OrderBook
  readonly call: Call
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Places an order in two databases: written down as `pending`, stock reserved under its id, confirmed. What
 * fails on the way is given back at once; what a crash leaves is given back with the owner's next order,
 * because only on the owner's behalf may it be.
 */
export class Placement {
  readonly #deps: PlacementDeps

  constructor(deps: PlacementDeps) {
    this.#deps = deps
  }

  async place(caller: Caller, wanted: { readonly sku: string; readonly quantity: number }): Promise<Order> {
    const { book, call, clock } = this.#deps
    await this.#giveBackLeftovers(caller)
    const address = await readAddress(call, caller)
    const now = clock.now()
    const { sku, quantity } = wanted
    const draft: Draft = { id: newOrderId(now), owner: caller.sub, sku, quantity, address, createdAt: now }
    await book.open(draft)
    await this.#reserve(caller, draft)
    const { id, owner } = draft
    return { id, sku, quantity, status: 'reserved', address, owner, created_at: new Date(now).toISOString() }
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
    const { book, call, log } = this.#deps
    try {
      if (!(await book.cancel(id))) return
      await releaseStock(call, caller, id)
      await book.drop(id)
    } catch (error) {
      log.warn(
        { txn: caller.txn, order: id, err: error },
        'an order keeps its stock until its owner comes back',
      )
    }
  }
}
