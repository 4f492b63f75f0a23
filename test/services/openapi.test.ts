import t from 'tap'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

t.test('every service describes its routes, with their schemas and scopes', async (t) => {
  for (const name of ['users', 'orders', 'inventory'] as const) {
    const { status, json } = await shop.to(name, '/openapi.json')
    t.match({ status, json }, { status: 200, json: { openapi: '3.1.0', info: { title: name } } })
  }
  const { json } = await shop.to('orders', '/openapi.json')
  const { paths } = Object(json)
  t.match(paths['/api/orders'].post, {
    security: [{ internal: ['orders:write'] }],
    requestBody: { content: { 'application/json': { schema: { required: ['sku', 'quantity'] } } } },
    responses: { 201: { content: { 'application/json': { schema: { properties: { owner: Object } } } } } },
  })
  t.match(paths['/api/orders/{id}'].get, { security: [{ internal: ['orders:read'] }] })
  t.notOk('head' in paths['/api/orders'])
})
