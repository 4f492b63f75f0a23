import { type FastifyInstance, Problem, type Static, Type } from '@gatehouse/kit'
import { Sku } from './sku.ts'
import type { Stock } from './stock.ts'

const Params = Type.Object({ sku: Sku })
const Body = Type.Object(
  { quantity: Type.Integer({ minimum: 0, maximum: 1_000_000 }) },
  { additionalProperties: false },
)
const Answer = Type.Object({ sku: Sku, quantity: Type.Integer() })

const Headers = Type.Object({ 'if-match': Type.Optional(Type.String({ pattern: '^"[0-9]{1,15}"$' })) })

/** What `integer` holds on PostgreSQL. */
const mostVersion = 2 ** 31 - 1

/**
 * `PUT /api/inventory/:sku`: says how many there are; makes the article if there was none. With `If-Match` (RFC 9110
 * section 13.1.1) only if nobody changed it since that `ETag`, which is its `version` in the list.
 */
export function setStock(app: FastifyInstance, stock: Stock): void {
  app.put<{ Params: Static<typeof Params>; Body: Static<typeof Body>; Headers: Static<typeof Headers> }>(
    '/api/inventory/:sku',
    {
      config: { guard: { scopes: ['inventory:write'] }, summary: 'Say how many there are of an article' },
      schema: { params: Params, body: Body, headers: Headers, response: { 200: Answer } },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { quantity } = request.body
      const expected = request.headers['if-match']
      const version = await (expected === undefined
        ? stock.set(sku, quantity)
        : setExpected(stock, sku, quantity, expected))
      if (version === undefined) throw new Problem('precondition_failed')
      return reply.header('etag', `"${version}"`).send({ sku, quantity })
    },
  )
}

/** ETags are compared as texts (RFC 9110 section 8.8.3.2), and a number that the database does not have is nobody's. */
async function setExpected(
  stock: Stock,
  sku: string,
  quantity: number,
  etag: string,
): Promise<number | undefined> {
  const version = Number(etag.slice(1, -1))
  if (version > mostVersion || `"${version}"` !== etag) return undefined
  return stock.setIf(sku, quantity, version)
}
