import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { startShop, type Request } from '../harness/shop.ts'

const shop = await startShop(t.testdir())
t.teardown(() => shop.stop())

const place = (sku: string, quantity: number, more: Request = {}) =>
  shop.to('orders', '/api/orders', { method: 'POST', body: { sku, quantity }, ...more })
const list = (query: string, more: Request = {}) => shop.to('orders', `/api/orders${query}`, more)
const ids = (json: unknown): unknown[] => Object(json).items.map((item: unknown) => Object(item).id)
const bob = { sub: 'acc-bob' }
const carol = { sub: 'acc-carol', roles: ['support'] }

t.test('an order reserves stock and takes the address, on the caller’s behalf', async (t) => {
  const before = Number(await shop.stock('teapot-blue'))
  shop.door.requests.length = 0
  const placed = await place('teapot-blue', 2)
  t.match(placed, {
    status: 201,
    headers: { location: /^\/api\/orders\/ord_[0-9a-z]{29}$/ },
    json: {
      id: /^ord_/,
      sku: 'teapot-blue',
      quantity: 2,
      status: 'reserved',
      address: { city: 'Little Bramley' },
      owner: 'acc-alice',
      created_at: /^\d{4}-\d\d-\d\dT/,
    },
  })
  t.equal(await shop.stock('teapot-blue'), before - 2)
  t.match(shop.door.requests, [
    {
      from: 'orders',
      method: 'GET',
      path: '/users/api/users/me',
      headers: { 'gatehouse-scope': 'users:read' },
    },
    {
      from: 'orders',
      method: 'POST',
      path: '/inventory/reservations',
      headers: { 'gatehouse-scope': 'inventory:reserve' },
    },
  ])
  t.same(
    (await shop.to('orders', String(placed.headers['location']))).json,
    placed.json,
    'and is there to be read',
  )
  t.same(ids((await list('')).json), [Object(placed.json).id])
})

t.test('one transaction in all three logs', async (t) => {
  shop.log.lines.length = 0
  await place('teapot-blue', 1)
  // Those of the test before may still come.
  const before = ['GET /api/inventory', 'GET /api/orders', 'GET /api/orders/:id']
  const requests = () => shop.log.requests().filter((line) => !before.includes(String(line['route'])))
  // The line of a request is written once its answer has left, which the caller may have by then.
  t.ok(await eventually(() => requests().length === 3))
  const lines = requests()
  t.equal(new Set(lines.map((line) => line['txn'])).size, 1)
  t.match(lines, [
    { route: 'GET /api/users/me', sub: 'acc-alice' },
    { route: 'POST /reservations', sub: 'acc-alice' },
    { route: 'POST /api/orders', sub: 'acc-alice' },
  ])
})

t.test("somebody else's order does not exist", async (t) => {
  const { json } = await place('linen-tote', 1, bob)
  const path = `/api/orders/${Object(json).id}`
  t.equal((await shop.to('orders', path, bob)).status, 200)
  const foreign = await shop.to('orders', path)
  t.match(foreign, { status: 404, json: { code: 'not_found' } })
  const none = await shop.to('orders', `${path.slice(0, -1)}_`)
  const strip = (text: string) => text.replace(/txn_[\w-]+/, '')
  t.equal(strip(foreign.text), strip(none.text), 'nothing tells them apart')
  t.notOk(ids((await list('')).json).includes(Object(json).id))
})

t.test('support sees all, when it asks', async (t) => {
  const { json } = await place('linen-tote', 1, bob)
  const { id } = Object(json)
  t.match(await shop.to('orders', `/api/orders/${id}`, carol), { status: 200, json: { owner: 'acc-bob' } })
  t.same((await list('', carol)).json, { items: [] }, 'her own otherwise')
  const all = (await list('?all=true', carol)).json
  const owners: unknown[] = Object(all).items.map((item: unknown) => Object(item).owner)
  t.ok(owners.includes('acc-alice') && owners.includes('acc-bob'))
  for (const roles of [['customer'], ['admin'], []]) {
    t.match(await list('?all=true', { roles }), { status: 403, json: { code: 'insufficient_role' } })
  }
  t.equal((await list('?all=false')).status, 200)
})

t.test('newest first, in pages', async (t) => {
  const dora = { sub: 'acc-dora' }
  const placed: unknown[] = []
  for (let at = 0; at < 5; at += 1) {
    placed.unshift(Object((await place('field-notebook', 1, dora)).json).id)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  t.same(ids((await list('', dora)).json), placed)
  const first = (await list('?limit=2', dora)).json
  t.same(ids(first), placed.slice(0, 2))
  const second = (await list(`?limit=2&after=${Object(first).next}`, dora)).json
  t.same(ids(second), placed.slice(2, 4))
  const third = (await list(`?limit=2&after=${Object(second).next}`, dora)).json
  t.same(ids(third), placed.slice(4))
  t.notOk('next' in Object(third))
})

t.test('a machine orders without an address', async (t) => {
  const machine = { sub: 'demo-machine', roles: [] }
  t.match(await place('linen-tote', 1, machine), {
    status: 201,
    json: { address: null, owner: 'demo-machine' },
  })
})

t.test('what cannot be had', async (t) => {
  const before = ids((await list('?limit=100')).json).length
  t.match(await place('oak-stool', 1000), { status: 409, json: { code: 'out_of_stock' } })
  t.match(await place('no-such-thing', 1), {
    status: 422,
    json: { code: 'validation_failed', errors: [{ path: '/sku', message: String }] },
  })
  t.equal(ids((await list('?limit=100')).json).length, before)
})

t.test('each route has its scope', async (t) => {
  const wrong = 'users:read inventory:reserve'
  t.equal((await place('linen-tote', 1, { scope: `orders:read ${wrong}` })).status, 403)
  t.equal((await list('', { scope: `orders:write ${wrong}` })).status, 403)
  t.equal((await shop.to('orders', '/api/orders/ord_x', { scope: `orders:write ${wrong}` })).status, 403)
})
