import { openStore, startService, type PartContext, type RunningPart } from '@gatehouse/kit'
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
    ctx,
    register: (app, { call }) => {
      listOrders(app, book)
      getOrder(app, book)
      placeOrder(app, new Placement({ book, call, clock: ctx.clock, log: ctx.log }))
    },
    onStop: () => store.close(),
  })
}
