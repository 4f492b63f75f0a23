import t from 'tap'
import { until } from '../harness/eventually.ts'
import type { Platform } from '../harness/index.ts'
import { startBehindProxy } from './behind-proxy.ts'

// What three does not divide, as the wait of a poll is a third of it.
const config = `
revocation: { maxStaleness: 4s }
routes:
  - { id: orders.list, whenStale: refuse }
  - { id: inventory.list, whenStale: serve }
`

t.test('without news, a route refuses or serves as it says', async (t) => {
  const { platform, proxy, revoke } = await startBehindProxy(t, config)
  const token = await platform.token()
  const ask = async (path: string) => {
    const answer = await platform.fetch(path, { token })
    return answer.ok ? '200' : `${answer.status} ${String(Object(await answer.json()).code)}`
  }
  t.equal(await ask('/api/orders'), '200')
  t.ok((await staleness(platform)) < 4)

  proxy.stall()
  await until(async () => (await ask('/api/orders')) !== '200', 30_000)
  t.equal(await ask('/api/orders'), '503 revocation_stale')
  t.equal(await ask('/api/inventory'), '200')
  t.ok((await staleness(platform)) >= 4, 'and the metrics say so')
  t.equal((await fetch(`${platform.url('gateway', 'admin')}/readyz`)).status, 503)

  await revoke(token)
  proxy.heal()
  await until(async () => (await ask('/api/orders')) !== '503 revocation_stale', 30_000)
  t.equal(await ask('/api/orders'), '401 invalid_token', 'with the first news comes what was missed')
  t.equal(await ask('/api/inventory'), '401 invalid_token')
  t.equal((await fetch(`${platform.url('gateway', 'admin')}/readyz`)).status, 200)
})

t.test('a gateway that starts again knows before it is ready', async (t) => {
  const { platform, proxy, revoke } = await startBehindProxy(t)
  const token = await platform.token()
  const session = await platform.signIn('alice')
  t.equal((await session.fetch('/api/orders')).status, 200)
  await platform.stopPart('gateway')
  await revoke(token)
  proxy.cut()
  await platform.startPart('gateway')
  const admin = platform.url('gateway', 'admin')
  t.equal((await fetch(`${admin}/readyz`)).status, 503, 'not before it was told')
  t.equal((await session.fetch('/api/orders')).status, 503, 'and nobody is served on a guess')
  proxy.heal()
  await platform.ready()
  t.equal((await platform.fetch('/api/orders', { token })).status, 401)
  t.equal((await session.fetch('/api/orders')).status, 200)
})

async function staleness(platform: Platform): Promise<number> {
  const text = await (await fetch(`${platform.url('gateway', 'admin')}/metrics`)).text()
  return Number(/^gatehouse_revocation_staleness_seconds (\S+)$/m.exec(text)?.[1])
}
