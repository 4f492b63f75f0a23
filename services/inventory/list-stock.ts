import { type FastifyInstance, type Static, Type } from '@gatehouse/kit'
import { Sku } from './sku.ts'
import type { Stock } from './stock.ts'

// Query values are text; they are matched as such, because the validator turns nothing into numbers.
const Query = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$' })),
    after: Type.Optional(Sku),
  },
  { additionalProperties: false },
)

const Answer = Type.Object({
  items: Type.Array(
    Type.Object({ sku: Sku, name: Type.String(), quantity: Type.Integer(), version: Type.Integer() }),
  ),
  next: Type.Optional(Sku),
})

/** `GET /api/inventory`: what is in stock, at most 100 articles; `next` continues as `?after=`. */
export function listStock(app: FastifyInstance, stock: Stock): void {
  app.get<{ Querystring: Static<typeof Query> }>(
    '/api/inventory',
    {
      config: { guard: { scopes: ['inventory:read'] }, summary: 'What is in stock' },
      schema: { querystring: Query, response: { 200: Answer } },
    },
    async (request) => {
      const limit = Number(request.query.limit ?? 100)
      const items = await stock.list(limit + 1, request.query.after ?? '')
      if (items.length <= limit) return { items }
      return { items: items.slice(0, limit), next: items[limit - 1]?.sku }
    },
  )
}
