import { type FastifyInstance, type Static, Type } from '@gatehouse/kit'
import { Order, Quantity, Sku } from './order.ts'
import type { Placement } from './placement.ts'

const Body = Type.Object({ sku: Sku, quantity: Quantity }, { additionalProperties: false })

/** `POST /api/orders`: reserves stock and takes the address, both on the caller's behalf, and keeps the order. */
export function placeOrder(app: FastifyInstance, placement: Placement): void {
  app.post<{ Body: Static<typeof Body> }>(
    '/api/orders',
    { config: { guard: { scopes: ['orders:write'] } }, schema: { body: Body, response: { 201: Order } } },
    async (request, reply) => {
      const order = await placement.place(request.caller, request.body)
      return reply.code(201).header('location', `/api/orders/${order.id}`).send(order)
    },
  )
}
