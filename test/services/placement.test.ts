import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { sendJson, type DoorHandler } from '../harness/door.ts'
import { startShop, type Shop } from '../harness/shop.ts'

type Tap = Pick<typeof t, 'testdir' | 'teardown'>

/** A shop whose orders can be reached under its feet, and with a clock. */
async function setUp(t: Tap) {
  const dir = t.testdir()
  let shift = 0
  const clock = { now: () => Date.now() + shift }
  const shop = await startShop(dir, { clock, stores: { orders: `sqlite:${join(dir, 'orders.sqlite')}` } })
  const database = new DatabaseSync(join(dir, 'orders.sqlite'))
  t.teardown(async () => {
    database.close()
    await shop.stop()
  })
  const place = () =>
    shop.to('orders', '/api/orders', { method: 'POST', body: { sku: 'oak-stool', quantity: 2 } })
  const statuses = () =>
    database
      .prepare('select status from orders')
      .all()
      .map((row) => row['status'])
  return { shop, database, place, statuses, advance: (ms: number) => void (shift += ms) }
}

const paths = (shop: Shop) =>
  shop.door.requests.map((request) => `${request.method} ${request.path.split('/')[1]}`)

/** The door as usual, but for requests of one kind. */
function except(shop: Shop, which: string, handler: DoorHandler): DoorHandler {
  return (request, response) =>
    `${request.method} ${request.path}`.startsWith(which)
      ? handler(request, response)
      : shop.forward(request, response)
}

t.test('storing fails behind the reservation: the stock is given back', async (t) => {
  const { shop, database, place, statuses } = await setUp(t)
  const before = await shop.stock('oak-stool')
  database.exec(`create trigger fail before update on orders when new.status = 'reserved'
    begin select raise(abort, 'no'); end`)
  shop.door.requests.length = 0
  const answer = await place()
  t.match(answer, { status: 500, json: { code: 'internal_error' } })
  t.same(paths(shop), ['GET users', 'POST inventory', 'DELETE inventory'])
  t.equal(await shop.stock('oak-stool'), before)
  t.same(statuses(), [])
  database.exec('drop trigger fail')
  t.equal((await place()).status, 201)
})

t.test('the reservation is made, but its answer is lost: given back all the same', async (t) => {
  const { shop, place, statuses } = await setUp(t)
  const before = await shop.stock('oak-stool')
  shop.door.handler = except(shop, 'POST /inventory', async (request, response) => {
    const { ServerResponse, IncomingMessage } = await import('node:http')
    const { Socket } = await import('node:net')
    await shop.forward(request, new ServerResponse(new IncomingMessage(new Socket())))
    response.destroy()
  })
  const answer = await place()
  t.match(answer, { status: 503, headers: { 'retry-after': '1' }, json: { code: 'upstream_unavailable' } })
  t.equal(await shop.stock('oak-stool'), before)
  t.same(statuses(), [])
})

t.test(
  'inventory goes away in between: the order stays cancelled and is settled when its owner comes back',
  async (t) => {
    const { shop, place, statuses, advance } = await setUp(t)
    const before = Number(await shop.stock('oak-stool'))
    shop.door.handler = (request, response) =>
      request.path.startsWith('/users') ? shop.forward(request, response) : sendJson(response, 503, {})
    t.match(await place(), { status: 503, json: { code: 'upstream_unavailable' } })
    t.same(statuses(), ['cancelled'])
    t.match((await shop.to('orders', '/api/orders')).json, { items: [] }, 'nobody sees it')

    shop.door.handler = shop.forward
    shop.door.requests.length = 0
    t.equal((await place()).status, 201)
    t.same(paths(shop), ['GET users', 'POST inventory'], 'too early to call it left')
    advance(61_000)
    t.equal((await place()).status, 201)
    t.same(statuses(), ['reserved', 'reserved'])
    t.equal(await shop.stock('oak-stool'), before - 4)
  },
)

t.test('a crash left stock reserved for an order that was never confirmed', async (t) => {
  const { shop, database, place, statuses, advance } = await setUp(t)
  const before = Number(await shop.stock('oak-stool'))
  const body = { order_id: 'ord_crashed', sku: 'oak-stool', quantity: 5 }
  await shop.to('inventory', '/reservations', { method: 'POST', body })
  database.exec(`insert into orders (id, owner, sku, quantity, status, created_at)
    values ('ord_crashed', 'acc-alice', 'oak-stool', 5, 'pending', ${Date.now()})`)
  advance(61_000)
  const other = { method: 'POST', body: { sku: 'oak-stool', quantity: 1 }, sub: 'acc-bob' }
  await shop.to('orders', '/api/orders', other)
  t.equal(await shop.stock('oak-stool'), before - 6, 'it is nobody else’s to give back')
  t.equal((await place()).status, 201)
  t.equal(await shop.stock('oak-stool'), before - 3)
  t.same(statuses(), ['reserved', 'reserved'])
})

const failures: readonly (readonly [string, string, number, string, DoorHandler])[] = [
  ['users refuses', 'GET /users', 502, 'bad_gateway', (_request, response) => sendJson(response, 403, {})],
  [
    'users is away',
    'GET /users',
    503,
    'upstream_unavailable',
    (_request, response) => sendJson(response, 503, {}),
  ],
  [
    'users answers nonsense',
    'GET /users',
    502,
    'bad_gateway',
    (_request, response) => sendJson(response, 200, { address: 'here' }),
  ],
  [
    'inventory refuses',
    'POST /inventory',
    502,
    'bad_gateway',
    (_request, response) => sendJson(response, 403, {}),
  ],
  [
    'inventory answers nonsense',
    'POST /inventory',
    502,
    'bad_gateway',
    (_request, response) => sendJson(response, 200, {}),
  ],
  [
    'inventory conflicts',
    'POST /inventory',
    502,
    'bad_gateway',
    (_request, response) => sendJson(response, 409, { code: 'conflict' }),
  ],
]
for (const [name, which, status, code, handler] of failures) {
  t.test(`${name}: ${status}, and nothing is left`, async (t) => {
    const { shop, place, statuses } = await setUp(t)
    const before = await shop.stock('oak-stool')
    shop.door.handler = except(shop, which, handler)
    t.match(await place(), { status, json: { code } })
    t.same(statuses(), [])
    shop.door.handler = shop.forward
    t.equal(await shop.stock('oak-stool'), before)
  })
}
