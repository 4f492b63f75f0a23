import t from 'tap'
import { startShop } from '../harness/shop.ts'

t.test('asking for the head of the feed leaves no feed open', async (t) => {
  const shop = await startShop(t.testdir())
  t.teardown(() => shop.stop())
  const statuses: number[] = []
  for (let asked = 0; asked < 12; asked += 1) {
    statuses.push((await shop.to('orders', '/api/orders/events', { method: 'HEAD' })).status)
  }
  t.same(new Set(statuses), new Set([200]), 'an account has ten feeds at most')
})
