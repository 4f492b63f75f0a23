import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { postgresFor } from '../harness/postgres.ts'
import { valkeyFor } from '../harness/valkey.ts'

t.test('the whole house on PostgreSQL and Valkey', { timeout: 240_000 }, async (t) => {
  const [postgres, valkey] = [await postgresFor(t), await valkeyFor(t)]
  if (postgres === undefined || valkey === undefined) return
  const stores: string[] = []
  for (let count = 0; count < 5; count++) stores.push(await postgres.createDatabase())
  const [idp, gateway, users, orders, inventory] = stores
  const platform = await startPlatform({
    t,
    config: `
      idp: { store: '${idp}' }
      gateway: { store: '${gateway}', session: { store: '${valkey.createDatabase()}' } }
      services: { users: { store: '${users}' }, orders: { store: '${orders}' }, inventory: { store: '${inventory}' } }
    `,
  })
  const alice = await platform.signIn('alice')
  const placed = await alice.fetch('/api/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sku":"oak-stool","quantity":2}',
  })
  t.equal(placed.status, 201)
  t.match(await (await alice.fetch('/api/orders')).json(), { items: [{ sku: 'oak-stool', quantity: 2 }] })
  await platform.restart('gateway')
  await platform.ready()
  t.equal((await alice.fetch('/api/orders')).status, 200, 'the session outlives the gateway')
  const out = await alice.fetch('/auth/logout', { method: 'POST' })
  t.ok(out.ok, String(out.status))
  t.equal((await alice.fetch('/api/orders')).status, 401)
})
