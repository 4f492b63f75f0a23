import t from 'tap'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

const put = (sku: string, body: unknown) =>
  shop.to('inventory', `/api/inventory/${sku}`, { method: 'PUT', body })
const reserve = (order_id: string, sku: string, quantity: number, sub = 'acc-alice') =>
  shop.to('inventory', '/reservations', { method: 'POST', body: { order_id, sku, quantity }, sub })
const release = (orderId: string, sub = 'acc-alice') =>
  shop.to('inventory', `/reservations/${orderId}`, { method: 'DELETE', sub })

t.test('stock is set and made', async (t) => {
  t.match(await put('oak-stool', { quantity: 5 }), { status: 200, json: { sku: 'oak-stool', quantity: 5 } })
  t.equal(await shop.stock('oak-stool'), 5)
  t.match(await put('new-thing', { quantity: 0 }), { status: 200 })
  const { json } = await shop.to('inventory', '/api/inventory')
  const items: unknown[] = Object(json).items
  t.match(
    items.filter((item) => /oak-stool|new-thing/.test(Object(item).sku)),
    [
      { sku: 'new-thing', name: 'new-thing', quantity: 0 },
      { sku: 'oak-stool', name: 'Oak stool', quantity: 5 },
    ],
    'an article keeps its name',
  )
})

t.test('the list comes in pages', async (t) => {
  const skus: string[] = []
  let after = ''
  for (let page = 0; page < 10; page += 1) {
    const { json } = await shop.to('inventory', `/api/inventory?limit=2${after}`)
    const items: unknown[] = Object(json).items
    t.ok(items.length <= 2)
    skus.push(...items.map((item) => String(Object(item).sku)))
    const { next } = Object(json)
    if (next === undefined) break
    after = `&after=${next}`
  }
  const { json } = await shop.to('inventory', '/api/inventory')
  const all: unknown[] = Object(json).items
  t.same(
    skus,
    all.map((item) => Object(item).sku),
  )
  t.same(skus, skus.toSorted())
})

t.test('a reservation takes stock once', async (t) => {
  await put('teapot-blue', { quantity: 10 })
  t.match(await reserve('order-1', 'teapot-blue', 4), { status: 201, json: { quantity: 4 } })
  t.match(await reserve('order-1', 'teapot-blue', 4), { status: 201 }, 'said again')
  t.equal(await shop.stock('teapot-blue'), 6)
  t.match(await reserve('order-1', 'teapot-blue', 5), { status: 409, json: { code: 'conflict' } })
  t.match(await reserve('order-1', 'teapot-blue', 4, 'acc-bob'), { status: 409, json: { code: 'conflict' } })
  t.match(await reserve('order-2', 'teapot-blue', 7), { status: 409, json: { code: 'out_of_stock' } })
  t.match(await reserve('order-2', 'teapot-blue', 6), { status: 201 }, 'a refused one leaves nothing behind')
  t.equal(await shop.stock('teapot-blue'), 0)
  t.match(await reserve('order-3', 'no-such-thing', 1), { status: 404, json: { code: 'not_found' } })
})

t.test('a release puts it back once', async (t) => {
  await put('linen-tote', { quantity: 10 })
  await reserve('order-10', 'linen-tote', 3)
  t.equal((await release('order-10', 'acc-bob')).status, 404, "not somebody else's")
  t.equal(await shop.stock('linen-tote'), 7)
  t.equal((await release('order-10')).status, 204)
  t.equal((await release('order-10')).status, 204, 'said again')
  t.equal(await shop.stock('linen-tote'), 10)
  t.match(
    await reserve('order-10', 'linen-tote', 3),
    { status: 409, json: { code: 'conflict' } },
    'it is over',
  )
})

t.test('a reservation that arrives behind its release holds nothing', async (t) => {
  await put('wool-blanket', { quantity: 10 })
  t.equal((await release('order-20')).status, 204)
  t.match(await reserve('order-20', 'wool-blanket', 3), { status: 409, json: { code: 'conflict' } })
  t.equal(await shop.stock('wool-blanket'), 10)
})

t.test('each route has its scope', async (t) => {
  const tries = [
    ['GET', '/api/inventory', 'inventory:write inventory:reserve', undefined],
    ['PUT', '/api/inventory/oak-stool', 'inventory:read inventory:reserve', { quantity: 1 }],
    [
      'POST',
      '/reservations',
      'inventory:read inventory:write',
      { order_id: 'x', sku: 'oak-stool', quantity: 1 },
    ],
    ['DELETE', '/reservations/order-1', 'inventory:read inventory:write', undefined],
  ] as const
  for (const [method, path, scope, body] of tries) {
    const answer = await shop.to('inventory', path, {
      method,
      scope,
      ...(body === undefined ? {} : { body }),
    })
    t.match(answer, { status: 403, json: { code: 'insufficient_scope' } }, `${method} ${path}`)
  }
})
