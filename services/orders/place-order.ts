import { type FastifyInstance, type Static, Type } from '@gatehouse/kit'
import { Order, Quantity, Sku } from './order.ts'
import type { Placement } from './placement.ts'

const Body = Type.Object({ sku: Sku, quantity: Quantity }, { additionalProperties: false })

const Headers = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7E]{1,200}$' })),
})

/**
 * `POST /api/orders`: reserves stock and takes the address, both on the caller's behalf, and keeps the order. With an
 * `Idempotency-Key` it may be sent again after a lost answer: the same order comes back.
 */
export function placeOrder(app: FastifyInstance, placement: Placement): void {
  app.post<{ Body: Static<typeof Body>; Headers: Static<typeof Headers> }>(
    '/api/orders',
    {
      config: { guard: { scopes: ['orders:write'] }, summary: 'Order an article' },
      schema: { body: Body, headers: Headers, response: { 201: Order } },
    },
    async (request, reply) => {
      const { caller, body, headers } = request
      const key = headers['idempotency-key']
      const order = await (key === undefined
        ? placement.place(caller, body)
        : placement.placeOnce(caller, body, key))
      return reply.code(201).header('location', `/api/orders/${order.id}`).send(order)
    },
  )
}
