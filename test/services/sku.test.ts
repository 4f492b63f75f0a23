import t from 'tap'
import fc from 'fast-check'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir(), { demo: false })
t.teardown(() => shop.stop())

/** The rule, written once more and differently. */
function isSku(text: string): boolean {
  const allowed = new Set('abcdefghijklmnopqrstuvwxyz0123456789-')
  const letters = Array.from(text)
  return (
    letters.length >= 1 &&
    letters.length <= 64 &&
    letters.every((one) => allowed.has(one)) &&
    letters[0] !== '-'
  )
}

const nearly = fc.string({ unit: fc.constantFrom(...'ab01-_. A%\n'.split('')), maxLength: 66 })
const any = fc.oneof(
  nearly,
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/),
)

t.test('what is a SKU in a body', async () => {
  await fc.assert(
    fc.asyncProperty(any, async (sku) => {
      const body = { order_id: 'x', sku, quantity: 1 }
      const { status } = await shop.to('inventory', '/reservations', { method: 'POST', body })
      return status === (isSku(sku) ? 404 : 422)
    }),
    { numRuns: 200 },
  )
})

t.test('what is a SKU in a path: set under the name that was sent, or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(
      any.filter((sku) => sku !== '' && sku.isWellFormed()),
      async (sku) => {
        const path = `/api/inventory/${encodeURIComponent(sku)}`
        const { status, json } = await shop.to('inventory', path, { method: 'PUT', body: { quantity: 1 } })
        return isSku(sku) ? status === 200 && Object(json).sku === sku : status >= 400 && status < 500
      },
    ),
    { numRuns: 200 },
  )
})

t.test('and nothing else came to be stored', async (t) => {
  const skus: string[] = []
  for (let after = ''; ;) {
    const { json } = await shop.to('inventory', `/api/inventory${after}`)
    skus.push(...Object(json).items.map((item: unknown) => Object(item).sku))
    const { next } = Object(json)
    if (next === undefined) break
    after = `?after=${next}`
  }
  t.ok(skus.length > 0)
  t.ok(skus.every(isSku))
})
