import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startPlatform } from '../harness/platform.ts'

/** Of the real house: the gateway's edges decide what orders may do on its own behalf. */
t.test('inventory dies between the order and its stock: neither is there in the end', async (t) => {
  const platform = await startPlatform({ t, only: ['idp', 'gateway', 'users', 'orders', 'inventory'] })
  const token = await platform.token()
  const stock = async () => {
    const items = Object(await (await platform.fetch('/api/inventory', { token })).json()).items
    return items.find((item: unknown) => Object(item).sku === 'oak-stool')?.quantity
  }
  const place = () =>
    platform.fetch('/api/orders', {
      token,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sku: 'oak-stool', quantity: 2 }),
    })
  const before = await stock()
  const orders = new DatabaseSync(join(platform.paths.dir, 'orders.sqlite'))
  const inventory = new DatabaseSync(join(platform.paths.dir, 'inventory.sqlite'))
  t.teardown(() => {
    orders.close()
    inventory.close()
  })
  const left = () => orders.prepare("select status from orders where status != 'reserved'").all().length

  // It is gone when its answer is due. What it would have stored by then is put there by hand, because a part of this
  // process cannot be killed between its commit and its answer.
  await platform.stopPart('inventory')
  const failed = await place()
  t.match(failed.status, 503)
  t.equal(left(), 1, 'the order is on record, and nobody sees it')
  const [row] = orders.prepare('select id, owner from orders').all()
  inventory.exec(`update stock set quantity = quantity - 2 where sku = 'oak-stool';
    insert into reservations (order_id, owner, sku, quantity, state, created_at)
      values ('${String(row?.['id'])}', '${String(row?.['owner'])}', 'oak-stool', 2, 'held', 0)`)
  await platform.startPart('inventory')
  t.equal(await stock(), before - 2, 'held for an order that will never be')

  platform.clock.advance(61_000)
  // Each start looks for what is left.
  await platform.restart('orders')
  for (const until = performance.now() + 15_000; left() > 0 && performance.now() < until;) await sleep(50)
  t.equal(left(), 0)
  const fresh = await platform.token()
  const after = Object(await (await platform.fetch('/api/inventory', { token: fresh })).json()).items
  t.equal(after.find((item: unknown) => Object(item).sku === 'oak-stool')?.quantity, before)
})
