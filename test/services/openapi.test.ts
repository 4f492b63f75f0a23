import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startShop } from '../harness/shop.ts'
import { root } from '../harness/sources.ts'

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

t.test('the documents that the gateway checks by are what the services say', async (t) => {
  for (const name of ['users', 'orders', 'inventory'] as const) {
    const { json } = await shop.to(name, '/openapi.json')
    const file = join(root, 'services', name, 'openapi.json')
    if (process.env['GATEHOUSE_WRITE_DOCS'] !== undefined)
      writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`)
    t.same(JSON.parse(readFileSync(file, 'utf8')), json, `${name}: GATEHOUSE_WRITE_DOCS=1 writes it`)
  }
})
