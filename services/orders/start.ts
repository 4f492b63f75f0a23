import { startService } from '@gatehouse/kit'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { contextOf } from '@gatehouse/kit/service/context'
import { openStore } from '@gatehouse/kit/store/open'
import { getOrder } from './get-order.ts'
import { listOrders } from './list-orders.ts'
import { migrations, type OrdersTables } from './migrations.ts'
import { OrderBook } from './order-book.ts'
import { placeOrder } from './place-order.ts'
import { Placement } from './placement.ts'

/** Who ordered what, and where it goes. */
export async function start(ctx: PartContext): Promise<RunningPart> {
  const url = ctx.config.services.orders.store
  const store = await openStore<OrdersTables>({ url, migrations, log: ctx.log })
  const book = new OrderBook(store, ctx.masterKey)
  return startService({
    name: 'orders',
    context: contextOf(ctx, 'orders'),
    register: (app, { call }) => {
      listOrders(app, book)
      getOrder(app, book)
      placeOrder(app, new Placement({ book, call, clock: ctx.clock, log: ctx.log }))
    },
    onStop: () => store.close(),
  })
}
