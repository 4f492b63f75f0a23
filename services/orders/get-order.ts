import { type FastifyInstance, ownedBy, Problem } from '@gatehouse/kit'
import { isOrderId, Order } from './order.ts'
import type { OrderBook } from './order-book.ts'

/** `GET /api/orders/:id`: for its owner and for `support`; to all others it does not exist. */
export function getOrder(app: FastifyInstance, book: OrderBook): void {
  app.get<{ Params: { id: string } }>(
    '/api/orders/:id',
    {
      config: { guard: { scopes: ['orders:read'] }, summary: 'One order, for its owner and for support' },
      schema: { response: { 200: Order } },
    },
    async (request): Promise<Order> => {
      const { caller, params } = request
      const order = isOrderId(params.id) ? await book.find(params.id) : undefined
      if (order === undefined) throw new Problem('not_found')
      if (!ownedBy(caller, order.owner) && !caller.roles.has('support')) throw new Problem('not_found')
      return order
    },
  )
}
