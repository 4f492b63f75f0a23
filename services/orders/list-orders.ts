import { type FastifyInstance, Problem, type Static, Type } from '@gatehouse/kit'
import { Order, OrderId } from './order.ts'
import type { OrderBook } from './order-book.ts'

// Query values are text; they are matched as such, because the validator turns nothing into numbers.
const Query = Type.Object(
  {
    all: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
    limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$' })),
    after: Type.Optional(OrderId),
  },
  { additionalProperties: false },
)

const Answer = Type.Object({ items: Type.Array(Order), next: Type.Optional(OrderId) })

/**
 * `GET /api/orders`: the caller's orders, newest first, at most 100; `next` continues as `?after=`.
 * `?all=true` shows everybody's, to `support` only.
 */
export function listOrders(app: FastifyInstance, book: OrderBook): void {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/api/orders',
    {
      config: { guard: { scopes: ['orders:read'] }, summary: "The caller's orders, newest first" },
      schema: { querystring: Query, response: { 200: Answer } },
    },
    async (request) => {
      const { caller, query } = request
      const isAll = query.all === 'true'
      if (isAll && !caller.roles.has('support')) throw new Problem('insufficient_role')
      const limit = Number(query.limit ?? 50)
      const owner = isAll ? undefined : caller.sub
      const items = await book.list({ owner, limit: limit + 1, after: query.after })
      if (items.length <= limit) return { items }
      return { items: items.slice(0, limit), next: items[limit - 1]?.id }
    },
  )
}
