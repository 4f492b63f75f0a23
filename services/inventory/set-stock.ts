import { type FastifyInstance, type Static, Type } from '@gatehouse/kit'
import { Sku } from './sku.ts'
import type { Stock } from './stock.ts'

const Params = Type.Object({ sku: Sku })
const Body = Type.Object(
  { quantity: Type.Integer({ minimum: 0, maximum: 1_000_000 }) },
  { additionalProperties: false },
)
const Answer = Type.Object({ sku: Sku, quantity: Type.Integer() })

/** `PUT /api/inventory/:sku`: says how many there are; makes the article if there was none. */
export function setStock(app: FastifyInstance, stock: Stock): void {
  app.put<{ Params: Static<typeof Params>; Body: Static<typeof Body> }>(
    '/api/inventory/:sku',
    {
      config: { guard: { scopes: ['inventory:write'] } },
      schema: { params: Params, body: Body, response: { 200: Answer } },
    },
    async (request) => {
      const { sku } = request.params
      const { quantity } = request.body
      await stock.set(sku, quantity)
      return { sku, quantity }
    },
  )
}
