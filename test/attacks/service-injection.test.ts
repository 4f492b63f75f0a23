import t from 'tap'
import { openStore } from '@gatehouse/kit/store/open'
import { createLogger } from '@gatehouse/kit/log'
import {
  migrations as inventoryMigrations,
  type InventoryTables,
} from '../../services/inventory/migrations.ts'
import { migrations as ordersMigrations, type OrdersTables } from '../../services/orders/migrations.ts'
import { postgresFor } from '../harness/postgres.ts'
import { startShop, type Request, type Shop } from '../harness/shop.ts'

const postgres = await postgresFor(t)

const strings = [
  `' or '1'='1`,
  `'; drop table orders; --`,
  `"; delete from stock; --`,
  `oak-stool' union select sealed from profiles --`,
  `%27%20or%201=1--`,
  `\\'; select pg_sleep(5); --`,
  '${7*7}',
  '{{7*7}}',
  '$(id)',
  '; cat /etc/passwd',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'a\u0000b',
  '\ud800',
  '%00',
  '%',
  '\r\nset-cookie: a=b',
  '<script>alert(1)</script>',
  'ａ',
  'x'.repeat(5_000),
  '9'.repeat(400),
  '1e309',
  '[object Object]',
]

const isWord = (text: string) => /^[\w-]+$/.test(text)

/** Every parameter that a request can carry, one at a time. */
function requests(text: string): readonly (readonly ['orders' | 'inventory' | 'users', string, Request])[] {
  const encoded = encodeURIComponent(text.toWellFormed())
  const post = (body: unknown): Request => ({ method: 'POST', body })
  return [
    ['orders', `/api/orders?all=${encoded}`, {}],
    ['orders', `/api/orders?limit=${encoded}`, {}],
    ['orders', `/api/orders?after=${encoded}`, {}],
    ['orders', `/api/orders?${encoded}=1`, {}],
    ['orders', `/api/orders/${encoded}`, {}],
    ['orders', '/api/orders', post({ sku: text, quantity: 1 })],
    ['orders', '/api/orders', post({ sku: 'oak-stool', quantity: text })],
    ['orders', '/api/orders', post({ sku: 'oak-stool', quantity: 1, [text]: 1 })],
    ['inventory', `/api/inventory?after=${encoded}`, {}],
    ['inventory', `/api/inventory?limit=${encoded}`, {}],
    ['inventory', `/api/inventory/${encoded}`, { method: 'PUT', body: { quantity: 1 } }],
    ['inventory', '/api/inventory/oak-stool', { method: 'PUT', body: { quantity: text } }],
    ['inventory', '/reservations', post({ order_id: text, sku: 'oak-stool', quantity: 1 })],
    ['inventory', '/reservations', post({ order_id: 'x', sku: text, quantity: 1 })],
    ['inventory', `/reservations/${encoded}`, { method: 'DELETE' }],
  ]
}

const databases: readonly (readonly [string, (dir: string, name: string) => Promise<string>])[] = [
  ['SQLite', async (dir, name) => `sqlite:${dir}/${name}.sqlite`],
  ...(postgres === undefined ? [] : [['PostgreSQL', () => postgres.createDatabase()] as const]),
]

for (const [name, database] of databases) {
  t.test(`injection strings in every parameter, on ${name}`, async (t) => {
    const dir = t.testdir()
    const stores = {
      users: await database(dir, 'users'),
      orders: await database(dir, 'orders'),
      inventory: await database(dir, 'inventory'),
    }
    const shop = await startShop(dir, { stores })
    t.teardown(() => shop.stop())
    await shop.to('orders', '/api/orders', { method: 'POST', body: { sku: 'oak-stool', quantity: 1 } })
    const counted = await countRows(stores)
    for (const text of strings) {
      for (const [service, path, request] of requests(text)) {
        const { status, text: body } = await shop.to(service, path, request)
        const label = `${request.method ?? 'GET'} ${path.slice(0, 60)} ${JSON.stringify(request.body)?.slice(0, 60)}`
        // A plain word may well be a SKU, or the id of an order that never was.
        const isTaken = status >= 200 && status < 300 && isWord(text)
        if (!isTaken && (status < 400 || status >= 500)) t.fail(`${status}: ${label}`)
        if (/sqlite|postgres|syntax|relation|kysely/i.test(body)) t.fail(`a library speaks: ${label}`)
      }
    }
    const after = await countRows(stores)
    t.same(after.orders, counted.orders)
    t.same(
      after.stock.filter((row) => !isWord(row.sku) || row.name !== row.sku),
      counted.stock,
    )
    t.match(
      await strangerSees(shop),
      { status: 200, json: { items: [] } },
      'and nobody sees what is not theirs',
    )
  })

  t.test(`injection strings as the caller's own id, on ${name}`, async (t) => {
    const dir = t.testdir()
    const shop = await startShop(dir, {
      stores: { orders: await database(dir, 'o'), users: await database(dir, 'u') },
    })
    t.teardown(() => shop.stop())
    await shop.to('orders', '/api/orders', { method: 'POST', body: { sku: 'oak-stool', quantity: 1 } })
    for (const sub of strings.filter(
      (text) => text.length < 1_000 && !text.includes('\u0000') && text.isWellFormed(),
    )) {
      t.match(await shop.to('orders', '/api/orders', { sub }), { status: 200, json: { items: [] } })
      t.match(await shop.to('users', '/api/users/me', { sub }), {
        status: 200,
        json: { id: sub, address: null },
      })
    }
  })
}

async function countRows(stores: { readonly orders: string; readonly inventory: string }) {
  const log = createLogger({ name: 'test', level: 'silent' })
  const orders = await openStore<OrdersTables>({ url: stores.orders, migrations: ordersMigrations, log })
  const inventory = await openStore<InventoryTables>({
    url: stores.inventory,
    migrations: inventoryMigrations,
    log,
  })
  const counts = {
    orders: await orders.db.selectFrom('orders').selectAll().orderBy('id').execute(),
    stock: await inventory.db
      .selectFrom('stock')
      .select(['sku', 'name', 'quantity'])
      .orderBy('sku')
      .execute(),
  }
  await orders.close()
  await inventory.close()
  return counts
}

function strangerSees(shop: Shop) {
  return shop.to('orders', '/api/orders', { sub: 'acc-stranger' })
}
