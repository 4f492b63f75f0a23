import { type FastifyInstance, onOwnBehalf, Problem, type Static, Type } from '@gatehouse/kit'
import { OrderId } from './order-id.ts'
import type { Reservations } from './reservations.ts'

const Params = Type.Object({ order_id: OrderId })

/** `DELETE /reservations/:order_id`: puts the stock of the caller's order back. Repeatable. */
export function releaseReservation(app: FastifyInstance, reservations: Reservations): void {
  app.delete<{ Params: Static<typeof Params> }>(
    '/reservations/:order_id',
    { config: { guard: { scopes: ['inventory:reserve'] } }, schema: { params: Params } },
    async (request, reply) => {
      await reservations.release(request.params.order_id, request.caller.sub)
      return reply.code(204).send()
    },
  )
}

/**
 * `POST /reservations/:order_id/release`: the same for an order of anybody, for a service that puts things right on its
 * own behalf. Repeatable.
 */
export function releaseAnyReservation(app: FastifyInstance, reservations: Reservations): void {
  app.post<{ Params: Static<typeof Params> }>(
    '/reservations/:order_id/release',
    { config: { guard: { scopes: ['inventory:release'] } }, schema: { params: Params } },
    async (request, reply) => {
      if (onOwnBehalf(request.caller) === undefined) throw new Problem('forbidden')
      await reservations.release(request.params.order_id, undefined)
      return reply.code(204).send()
    },
  )
}
