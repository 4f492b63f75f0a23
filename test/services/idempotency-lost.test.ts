import t, { type Test } from 'tap'
import type { Call } from '@gatehouse/kit'
import { callerOf } from '@gatehouse/kit/guard/caller'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { openStore, StoreError } from '@gatehouse/kit/store/open'
import { OrderFeed } from '../../services/orders/feed.ts'
import { IdempotencyKeys } from '../../services/orders/idempotency.ts'
import { migrations, type OrdersTables } from '../../services/orders/migrations.ts'
import { OrderBook } from '../../services/orders/order-book.ts'
import { Placement } from '../../services/orders/placement.ts'
import { Recovery } from '../../services/orders/recovery.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const wanted = { sku: 'oak-stool', quantity: 2 }
const claims = {
  iss: 'test',
  aud: 'orders',
  sub: 'acc-alice',
  client_id: 'web',
  scope: 'orders:write',
  txn: 'txn-1',
  jti: 'jti-1',
  iat: 0,
  exp: 60,
  req_wl: 'spiffe://gatehouse.test/gateway',
  rctx: {},
  tctx: {},
}
const caller = callerOf(claims, 'token')

/** Stores that confirms an order, and loses the connection before it has said so. */
class SilentBook extends OrderBook {
  isSilent = true

  override async confirm(id: string): Promise<boolean> {
    const isConfirmed = await super.confirm(id)
    if (this.isSilent) throw new StoreError('08006')
    return isConfirmed
  }
}

async function setUp(t: Test) {
  const store = await openStore<OrdersTables>({ url: 'sqlite::memory:', migrations, log })
  const book = new SilentBook(store, MasterKey.generate())
  const keys = new IdempotencyKeys(store)
  let now = Date.now()
  const clock = { now: () => now }
  const reserved: string[] = []
  const call: Call = async (_caller, to, { method, path }) => {
    if (to === 'users') return { status: 200, body: { address: null } }
    reserved.push(`${method} ${path}`)
    return { status: method === 'POST' ? 201 : 204, body: undefined }
  }
  const feed = new OrderFeed()
  const placement = new Placement({ book, keys, call, clock, log, feed })
  const times = { firstAfterMs: 3_600_000, everyMs: 3_600_000 }
  const callAsSelf = async () => ({ status: 204, body: undefined })
  const recovery = new Recovery({ book, keys, callAsSelf, clock, log, times })
  t.teardown(async () => {
    feed.close()
    await recovery.stop()
    await store.close()
  })
  return { book, keys, clock, placement, recovery, reserved, advance: (ms: number) => void (now += ms) }
}

t.test('the store confirmed an order and did not get to say so: its key still stands for it', async (t) => {
  const { book, placement, reserved } = await setUp(t)
  await t.rejects(placement.placeOnce(caller, wanted, 'key-1'), { code: '08006' })
  book.isSilent = false
  const again = await placement.placeOnce(caller, wanted, 'key-1')
  const orders = await book.list({ owner: caller.sub, limit: 10, after: undefined })
  t.same(orders, [again], 'one order, however often it was asked for')
  t.same(reserved, ['POST /reservations'], 'and stock for one')
})

t.test('a crash between a key and its order does not use the key up', async (t) => {
  const { book, keys, clock, placement, recovery, advance } = await setUp(t)
  book.isSilent = false
  const text = JSON.stringify([wanted.sku, wanted.quantity])
  const claim = { owner: caller.sub, key: 'key-2', wanted: text, orderId: 'ord_never', now: clock.now() }
  await keys.claim(claim)
  await recovery.run()
  await t.rejects(placement.placeOnce(caller, wanted, 'key-2'), { code: 'conflict' }, 'it may be under way')
  advance(61_000)
  await recovery.run()
  const order = await placement.placeOnce(caller, wanted, 'key-2')
  advance(61_000)
  await recovery.run()
  t.same(await placement.placeOnce(caller, wanted, 'key-2'), order, 'what stands for an order stays')
})

t.test('an order that was taken back keeps its key through every look of the recovery', async (t) => {
  const { book, placement, recovery, advance } = await setUp(t)
  book.isSilent = false
  const { id } = await placement.placeOnce(caller, wanted, 'key-3')
  t.ok(await placement.cancel(caller, id))
  advance(61_000)
  await recovery.run()
  await t.rejects(placement.placeOnce(caller, wanted, 'key-3'), { code: 'conflict', detail: /taken back/ })
  advance(24 * 3_600_000)
  await recovery.run()
  t.not((await placement.placeOnce(caller, wanted, 'key-3')).id, id, 'for a day')
})
