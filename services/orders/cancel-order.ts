import { type FastifyInstance, Problem } from '@gatehouse/kit'
import { isOrderId } from './order.ts'
import type { Placement } from './placement.ts'

/** `DELETE /api/orders/:id`: its owner takes an order back, and the stock is free again. */
export function cancelOrder(app: FastifyInstance, placement: Placement): void {
  app.delete<{ Params: { id: string } }>(
    '/api/orders/:id',
    { config: { guard: { scopes: ['orders:write'] }, summary: 'Give an order back' } },
    async ({ caller, params }, reply) => {
      const cancelled = isOrderId(params.id) && (await placement.cancel(caller, params.id))
      if (!cancelled) throw new Problem('not_found')
      return reply.code(204).send()
    },
  )
}
