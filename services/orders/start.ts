import { type Call, startService } from '@gatehouse/kit'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { contextOf } from '@gatehouse/kit/service/context'
import { openStore } from '@gatehouse/kit/store/open'
import { cancelOrder } from './cancel-order.ts'
import { OrderFeed } from './feed.ts'
import { followOrders } from './follow-orders.ts'
import { getOrder } from './get-order.ts'
import { IdempotencyKeys } from './idempotency.ts'
import { listOrders } from './list-orders.ts'
import { migrations, type OrdersTables } from './migrations.ts'
import { OrderBook } from './order-book.ts'
import { placeOrder } from './place-order.ts'
import { Placement } from './placement.ts'
import { Recovery, type RecoveryTimes } from './recovery.ts'

/** The others start at the same time. */
const recoveryTimes: RecoveryTimes = { firstAfterMs: 1_000, everyMs: 30_000 }

/**
 * Who ordered what, and where it goes.
 * @param times when what a crash left is looked for; default: 1 s after the start, and every 30 s.
 * @param through what calls for orders go through on their way; by default nothing.
 */
export async function start(
  ctx: PartContext,
  times: RecoveryTimes = recoveryTimes,
  through: (call: Call) => Call = (call) => call,
): Promise<RunningPart> {
  const url = ctx.config.services.orders.store
  const store = await openStore<OrdersTables>({ url, migrations, log: ctx.log })
  const { clock, log } = ctx
  const book = new OrderBook(store, ctx.masterKey)
  const keys = new IdempotencyKeys(store)
  const feed = new OrderFeed()
  let recovery: Recovery | undefined
  return startService({
    name: 'orders',
    context: contextOf(ctx, 'orders'),
    register: (app, { call, callAsSelf }) => {
      listOrders(app, book)
      getOrder(app, book)
      followOrders(app, feed)
      const placement = new Placement({ book, keys, call: through(call), clock, log, feed })
      placeOrder(app, placement)
      cancelOrder(app, placement)
      recovery = new Recovery({ book, keys, callAsSelf, clock, log, times })
    },
    onStop: async () => {
      await recovery?.stop()
      await store.close()
    },
  })
}
