import t from 'tap'
import { postgresFor } from '../harness/postgres.ts'
import { startShop } from '../harness/shop.ts'

const postgres = await postgresFor(t)

const databases: readonly (readonly [string, () => Promise<string>])[] = [
  ['SQLite', async () => 'sqlite::memory:'],
  ...(postgres === undefined ? [] : [['PostgreSQL', () => postgres.createDatabase()] as const]),
]

for (const [name, createDatabase] of databases) {
  t.test(
    `30 at once for 10 on ${name}: ten get them, twenty hear it, none is left and none is missing`,
    async (t) => {
      const shop = await startShop(t.testdir(), { stores: { inventory: await createDatabase() } })
      t.teardown(() => shop.stop())
      await shop.to('inventory', '/api/inventory/garden-lantern', { method: 'PUT', body: { quantity: 20 } })
      const reserve = (order_id: string) =>
        shop.to('inventory', '/reservations', {
          method: 'POST',
          body: { order_id, sku: 'garden-lantern', quantity: 2 },
        })
      const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => reserve(`order-${at}`)))
      const count = (status: number) => answers.filter((answer) => answer.status === status).length
      t.same([count(201), count(409)], [10, 20])
      t.equal(await shop.stock('garden-lantern'), 0)
    },
  )

  t.test(`an ETag that was never given out on ${name} is not the present one`, async (t) => {
    const shop = await startShop(t.testdir(), { stores: { inventory: await createDatabase() } })
    t.teardown(() => shop.stop())
    for (const etag of ['"2147483648"', '"999999999999999"', '"01"', '"0"']) {
      const headers = { 'if-match': etag }
      const path = '/api/inventory/linen-tote'
      const answer = await shop.to('inventory', path, { method: 'PUT', body: { quantity: 1 }, headers })
      t.match(answer, { status: 412, json: { code: 'precondition_failed' } }, etag)
    }
  })

  t.test(
    `one reservation 30 times at once on ${name} takes stock once, and is given back once`,
    async (t) => {
      const shop = await startShop(t.testdir(), { stores: { inventory: await createDatabase() } })
      t.teardown(() => shop.stop())
      const before = Number(await shop.stock('linen-tote'))
      const body = { order_id: 'the-one', sku: 'linen-tote', quantity: 3 }
      const again = Array.from({ length: 30 }, () =>
        shop.to('inventory', '/reservations', { method: 'POST', body }),
      )
      t.ok((await Promise.all(again)).every((answer) => answer.status === 201))
      t.equal(await shop.stock('linen-tote'), before - 3)
      const back = Array.from({ length: 30 }, () =>
        shop.to('inventory', '/reservations/the-one', { method: 'DELETE' }),
      )
      t.ok((await Promise.all(back)).every((answer) => answer.status === 204))
      t.equal(await shop.stock('linen-tote'), before)
    },
  )
}

t.test('30 orders at once through all three services', async (t) => {
  const shop = await startShop(t.testdir())
  t.teardown(() => shop.stop())
  await shop.to('inventory', '/api/inventory/oak-stool', { method: 'PUT', body: { quantity: 7 } })
  const orders = Array.from({ length: 30 }, (_, at) =>
    shop.to('orders', '/api/orders', {
      method: 'POST',
      body: { sku: 'oak-stool', quantity: 1 },
      sub: `acc-${at % 3}`,
    }),
  )
  const placed = (await Promise.all(orders)).filter((answer) => answer.status === 201)
  t.equal(placed.length, 7)
  t.equal(await shop.stock('oak-stool'), 0)
  const { json } = await shop.to('orders', '/api/orders?all=true', { roles: ['support'] })
  t.equal(Object(json).items.length, 7)
})
