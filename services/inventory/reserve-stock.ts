import { type FastifyInstance, type Static, Type } from '@gatehouse/kit'
import { OrderId } from './order-id.ts'
import type { Reservations } from './reservations.ts'
import { Sku } from './sku.ts'

const Body = Type.Object(
  { order_id: OrderId, sku: Sku, quantity: Type.Integer({ minimum: 1, maximum: 1000 }) },
  { additionalProperties: false },
)
const Answer = Type.Object({ order_id: OrderId, sku: Sku, quantity: Type.Integer() })

/** `POST /reservations`: keeps stock for an order of the caller. For other services; repeatable. */
export function reserveStock(app: FastifyInstance, reservations: Reservations): void {
  app.post<{ Body: Static<typeof Body> }>(
    '/reservations',
    {
      config: { guard: { scopes: ['inventory:reserve'] } },
      schema: { body: Body, response: { 201: Answer } },
    },
    async (request, reply) => {
      await reservations.hold({ ...request.body, owner: request.caller.sub })
      return reply.code(201).send(request.body)
    },
  )
}
