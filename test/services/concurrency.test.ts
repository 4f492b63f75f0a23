import t from 'tap'
import { startShop } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

const put = (quantity: number, headers: Record<string, string> = {}) =>
  shop.to('inventory', '/api/inventory/oak-stool', { method: 'PUT', body: { quantity }, headers })

async function etag(): Promise<string> {
  const { json } = await shop.to('inventory', '/api/inventory')
  const found = Object(json).items.find((item: unknown) => Object(item).sku === 'oak-stool')
  return `"${found.version}"`
}

t.test('a change that expects what is there is made, and its answer names the next version', async (t) => {
  const changed = await put(20, { 'if-match': await etag() })
  t.equal(changed.status, 200)
  t.equal(changed.headers['etag'], await etag())
  t.equal(await shop.stock('oak-stool'), 20)
})

t.test('one that expects what is no more is refused, and changes nothing', async (t) => {
  const seen = await etag()
  t.equal((await put(30)).status, 200, 'somebody else')
  t.match(await put(40, { 'if-match': seen }), { status: 412, json: { code: 'precondition_failed' } })
  t.equal(await shop.stock('oak-stool'), 30)
})

t.test('a reservation counts as a change', async (t) => {
  const seen = await etag()
  const body = { order_id: 'ord_x', sku: 'oak-stool', quantity: 1 }
  t.equal((await shop.to('inventory', '/reservations', { method: 'POST', body })).status, 201)
  t.equal((await put(40, { 'if-match': seen })).status, 412)
})

t.test('of ten that expect the same, one succeeds', async (t) => {
  const headers = { 'if-match': await etag() }
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => put(50 + n, headers)))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status }) => status === 412).length, 9)
})

t.test('what is no version is refused', async (t) => {
  for (const match of ['*', 'W/"1"', '1', '"x"'])
    t.equal((await put(1, { 'if-match': match })).status, 400, match)
})
