import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

const order = (body: unknown) => shop.to('orders', '/api/orders', { method: 'POST', body })

t.test('an order’s fields are what they must be, not what could be made of them', async (t) => {
  const good = { sku: 'oak-stool', quantity: 1 }
  const bad: readonly (readonly [string, unknown])[] = [
    ['/quantity', { ...good, quantity: '1' }],
    ['/quantity', { ...good, quantity: 0 }],
    ['/quantity', { ...good, quantity: 1001 }],
    ['/quantity', { ...good, quantity: -1 }],
    ['/quantity', { ...good, quantity: 1.5 }],
    ['/quantity', { ...good, quantity: null }],
    ['/quantity', { ...good, quantity: [1] }],
    ['/quantity', { ...good, quantity: true }],
    ['/quantity', { sku: 'oak-stool' }],
    ['/sku', { ...good, sku: '' }],
    ['/sku', { ...good, sku: 'Oak-Stool' }],
    ['/sku', { ...good, sku: '-oak' }],
    ['/sku', { ...good, sku: 'a'.repeat(65) }],
    ['/sku', { ...good, sku: 'oak-stool\n' }],
    ['/sku', { ...good, sku: 7 }],
    ['/sku', { quantity: 1 }],
    ['/owner', { ...good, owner: 'acc-bob' }],
    ['', []],
    ['', 'text'],
    ['', null],
  ]
  for (const [path, body] of bad) {
    const answer = await order(body)
    t.match(
      answer,
      { status: 422, json: { code: 'validation_failed', errors: [{ path, message: String }] } },
      JSON.stringify(body),
    )
    t.notMatch(withoutTxn(answer.text), /ajv|schema|FST_|must NOT|instancePath/i, 'in our own words')
  }
  t.match((await shop.to('orders', '/api/orders')).json, { items: [] })
})

t.test('bodies that are no JSON', async (t) => {
  const raw = (text: string, type: string) =>
    shop.to('orders', '/api/orders', { method: 'POST', raw: text, headers: { 'content-type': type } })
  for (const text of ['{', '{"sku":}', '{"sku":"a",}', '\u0000', '']) {
    t.match(await raw(text, 'application/json'), { status: 400, json: { code: 'malformed_json' } }, text)
  }
  const polluting = '{"__proto__":{"quantity":1},"sku":"oak-stool","quantity":1}'
  t.match(await raw(polluting, 'application/json'), { status: 400, json: { code: String } })
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data',
  ]) {
    t.match(await raw('{"sku":"oak-stool","quantity":1}', type), {
      status: 415,
      json: { code: 'unsupported_media_type' },
    })
  }
  const huge = JSON.stringify({ sku: 'a'.repeat(300_000), quantity: 1 })
  t.match(await raw(huge, 'application/json'), { status: 413, json: { code: 'body_too_large' } })
  t.match((await shop.to('orders', '/api/orders')).json, { items: [] })
})

t.test('queries', async (t) => {
  const queries = [
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1e1',
    'limit=',
    'limit=5&limit=6',
    'after=x',
    'all=1',
    'all=TRUE',
    'owner=acc-bob',
    'all[]=true',
  ]
  for (const query of queries) {
    const answer = await shop.to('orders', `/api/orders?${query}`, { roles: ['support'] })
    t.match(answer, { status: 400, json: { code: 'invalid_request' } }, query)
  }
  for (const query of ['limit=1', 'limit=100', 'all=false', '']) {
    t.equal((await shop.to('orders', `/api/orders?${query}`)).status, 200, query)
  }
})

t.test('stock', async (t) => {
  const put = (sku: string, body: unknown) =>
    shop.to('inventory', `/api/inventory/${sku}`, { method: 'PUT', body })
  for (const body of [
    {},
    { quantity: -1 },
    { quantity: '5' },
    { quantity: 1_000_001 },
    { quantity: 5, name: 'x' },
  ]) {
    t.match(
      await put('oak-stool', body),
      { status: 422, json: { code: 'validation_failed' } },
      JSON.stringify(body),
    )
  }
  const endless = {
    method: 'PUT',
    raw: '{"quantity":1e400}',
    headers: { 'content-type': 'application/json' },
  }
  t.equal((await shop.to('inventory', '/api/inventory/oak-stool', endless)).status, 422)
  for (const sku of ['Oak', '-oak', 'oak_stool', 'oak%20stool', 'a'.repeat(65), '%C3%A4']) {
    t.equal((await put(sku, { quantity: 1 })).status, 400, sku)
  }
})

t.test('unknown paths and methods', async (t) => {
  for (const [method, path] of [
    ['GET', '/api/order'],
    ['DELETE', '/api/orders'],
    ['GET', '/'],
    ['GET', '/api/orders/a/b'],
  ] as const) {
    t.match(await shop.to('orders', path, { method }), { status: 404, json: { code: 'not_found' } })
  }
})
