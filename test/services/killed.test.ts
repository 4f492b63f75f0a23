import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { eventually } from '../harness/eventually.ts'
import { type PartProcess, startPartProcess } from '../harness/part-process.ts'
import { startPlatform } from '../harness/platform.ts'
import { freePort } from '../harness/ports.ts'
import { RequestProxy } from '../harness/request-proxy.ts'

// Orders and inventory are processes here, and die by SIGKILL between the reservation and the order, at a moment that a
// proxy between the internal door and inventory chooses.
type Name = 'orders' | 'inventory'
const reservation = 'POST /reservations'
const sku = 'field-notebook'
const port = await freePort()
const platform = await startPlatform({
  t,
  only: ['idp', 'gateway', 'users'],
  config: `upstreams: { inventory: { targets: ['https://localhost:${port}'] } }`,
})
const target = `https://localhost:${platform.portBase + 1003}`
const proxy = await RequestProxy.start(t, platform, { name: 'inventory', port, target })
let shift = 0
const start = (name: Name) => startPartProcess(t, platform, name, shift)
const running: Record<Name, PartProcess> = {
  orders: await start('orders'),
  inventory: await start('inventory'),
}
const restart = async (name: Name): Promise<void> => {
  await running[name].kill()
  running[name] = await start(name)
}
const advance = (ms: number): void => {
  shift += ms
  platform.clock.advance(ms)
  for (const process of Object.values(running)) process.advance(ms)
}

const get = async (path: string): Promise<{ sku: string; quantity: number }[]> => {
  const answer = await platform.fetch(path, { token: await platform.token() })
  return Object(await answer.json()).items ?? []
}
const place = async (key: string): Promise<number> => {
  const token = await platform.token()
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const body = JSON.stringify({ sku, quantity: 2 })
  return (await platform.fetch('/api/orders', { token, method: 'POST', headers, body })).status
}
const onShelf = async () => (await get('/api/inventory')).find((item) => item.sku === sku)?.quantity ?? 0
const full = await onShelf()
/** What is missing on the shelf, and what was ordered, as everybody can see it. */
const books = async (): Promise<readonly number[]> => {
  const ordered = (await get('/api/orders')).reduce((sum, { quantity }) => sum + quantity, 0)
  return [full - (await onShelf()), ordered]
}

const orders = new DatabaseSync(join(platform.paths.dir, 'orders.sqlite'), { readOnly: true })
t.teardown(() => orders.close())
const begun = () => orders.prepare("select id from orders where status != 'reserved'").all().length
/** By the look that follows a start of orders, or by the next one, 30 s later, where the call of the first took too long. */
const settled = () => eventually(() => begun() === 0, 75_000)

/** The next reservation is made, and its answer waits for what is done here, and is lost. */
const whenReserved = (act: () => Promise<void>) => {
  proxy.after = async (line) => {
    if (line !== reservation) return
    proxy.after = () => undefined
    await act()
    throw new Error('lost')
  }
}

/** Inventory has the next reservation, and cannot commit it until what is done here is done. */
const beforeReserved = (act: () => Promise<void>) => {
  const inventory = new DatabaseSync(join(platform.paths.dir, 'inventory.sqlite'))
  inventory.exec('begin immediate')
  proxy.before = (line) => {
    if (line !== reservation) return
    proxy.before = () => undefined
    // It waits for the lock between two tries, so that it answers what comes later: it has the request by then.
    setTimeout(() => void act().finally(() => inventory.close()), 100)
  }
}

t.test('the books balance to begin with', async (t) => {
  t.equal(await place('first'), 201)
  t.same(await books(), [2, 2])
})

t.test('inventory is killed when the stock is reserved, before its answer arrives', async (t) => {
  whenReserved(() => running.inventory.kill())
  t.equal(await place('a'), 503)
  t.equal(begun(), 1, 'on record')
  await restart('inventory')
  t.same(await books(), [4, 2], 'held for an order that will never be')
  advance(61_000)
  t.equal(await place('b'), 201, "its owner's next order gives it back")
  t.same(await books(), [4, 4])
  t.equal(await place('a'), 201, 'the first one, sent again')
  t.same(await books(), [6, 6])
})

t.test('inventory is killed before the reservation is committed', async (t) => {
  beforeReserved(() => running.inventory.kill())
  t.equal(await place('c'), 503)
  await restart('inventory')
  t.same(await books(), [6, 6])
  advance(61_000)
  await restart('orders')
  t.ok(await settled())
  t.same(await books(), [6, 6])
  t.equal(await place('c'), 201)
  t.same(await books(), [8, 8])
})

t.test('orders is killed when the stock is reserved, before the order is', async (t) => {
  whenReserved(() => running.orders.kill())
  t.ok((await place('d')) >= 502, 'nobody was told of an order')
  t.equal(begun(), 1, 'on record')
  advance(61_000)
  await restart('orders')
  t.ok(await settled())
  t.same(await books(), [8, 8])
  t.equal(await place('d'), 201, 'sent again')
  t.same(await books(), [10, 10])
})

t.test('orders is killed, and only then the reservation is committed', async (t) => {
  const reserved = new Promise<void>((resolve) => {
    proxy.after = (line) => void (line === reservation && resolve())
  })
  beforeReserved(() => running.orders.kill())
  t.ok((await place('e')) >= 502)
  await reserved
  proxy.after = () => undefined
  advance(61_000)
  await restart('orders')
  t.ok(await settled())
  t.same(await books(), [10, 10])
})
