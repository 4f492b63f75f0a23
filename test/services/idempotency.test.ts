import t from 'tap'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

const place = (key: string, quantity = 1, sub = 'acc-alice') =>
  shop.to('orders', '/api/orders', {
    method: 'POST',
    body: { sku: 'linen-tote', quantity },
    headers: { 'idempotency-key': key },
    sub,
  })

t.test('the same request again is the same order, and takes stock once', async (t) => {
  const before = Number(await shop.stock('linen-tote'))
  const first = await place('key-1')
  const second = await place('key-1')
  t.equal(first.status, 201)
  t.equal(second.status, 201)
  t.same(second.json, first.json)
  t.equal(second.headers['location'], first.headers['location'])
  t.equal(await shop.stock('linen-tote'), before - 1)
})

t.test('ten at once are one order', async (t) => {
  const before = Number(await shop.stock('linen-tote'))
  const answers = await Promise.all(Array.from({ length: 10 }, () => place('key-2')))
  const made = answers.filter(({ status }) => status === 201)
  t.ok(made.length >= 1)
  t.equal(new Set(made.map(({ json }) => Object(json).id)).size, 1)
  for (const { status, json } of answers) if (status !== 201) t.match({ status, json }, { status: 409 })
  t.equal(await shop.stock('linen-tote'), before - 1)
})

t.test('a key stands for one request of one owner', async (t) => {
  t.equal((await place('key-3')).status, 201)
  t.match(await place('key-3', 2), { status: 409, json: { code: 'conflict' } })
  const other = await place('key-3', 1, 'acc-bob')
  t.match(other, { status: 201, json: { owner: 'acc-bob' } })
})

t.test('what failed may be tried again under its key', async (t) => {
  t.match(await place('key-4', 900), { status: 409, json: { code: 'out_of_stock' } })
  const stocked = { method: 'PUT', body: { quantity: 1000 } }
  t.equal((await shop.to('inventory', '/api/inventory/linen-tote', stocked)).status, 200)
  t.equal((await place('key-4', 900)).status, 201)
})

t.test('an order that was taken back is not placed once more by its key', async (t) => {
  const { json } = await place('key-5')
  const before = Number(await shop.stock('linen-tote'))
  const path = `/api/orders/${Object(json).id}`
  t.equal((await shop.to('orders', path, { method: 'DELETE' })).status, 204)
  const again = await place('key-5')
  t.match(again, { status: 409, json: { code: 'conflict', detail: /taken back/ } })
  t.notOk('retry-after' in again.headers, 'to wait would not help')
  t.equal(await shop.stock('linen-tote'), before + 1)
  t.equal((await place('key-6')).status, 201, 'another key is another order')
})

t.test('a key that is none is refused', async (t) => {
  t.match(await place('with space'), { status: 400, json: { code: 'invalid_request' } })
  t.equal((await place('x'.repeat(201))).status, 400)
})
