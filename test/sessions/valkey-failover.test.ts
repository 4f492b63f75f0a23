import { connect, createServer, type AddressInfo } from 'node:net'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'
import { Valkey } from 'iovalkey'
import t, { type Test } from 'tap'
import { SharedCounts } from '../../gateway/limits/shared-counts.ts'
import { ValkeySessionStore } from '../../gateway/sessions/valkey-session-store.ts'
import { until } from '../harness/eventually.ts'
import { valkeyFor } from '../harness/valkey.ts'

const log = createLogger({ name: 'test', level: 'silent' })

/** A name that leads to whoever is the primary: connections that are open stay where they are. */
async function startName(t: Test, first: number) {
  let target = first
  const server = createServer((socket) => {
    const to = connect(target, '127.0.0.1')
    socket.pipe(to).pipe(socket)
    socket.on('error', () => to.destroy()).on('close', () => to.destroy())
    to.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `redis://127.0.0.1:${port}/0`, leadTo: (to: number) => (target = to) }
}

const portOf = (url: string): number => Number(new URL(url).port)

t.test('another server is the primary now: the one before, still connected, takes no writes', async (t) => {
  const [one, other] = [await valkeyFor(t), await valkeyFor(t)]
  if (one === undefined || other === undefined) return
  const [before, after] = [one.createDatabase(), other.createDatabase()].map(portOf)
  const name = await startName(t, before ?? 0)
  const store = new ValkeySessionStore(name.url, log)
  t.teardown(() => store.close())
  const metrics = new Metrics()
  const counts = new SharedCounts({ url: name.url, log, metrics })
  t.teardown(() => counts.close())
  const limiter = counts.limiter('test', { count: 10, windowMs: 60_000 }, 'test')
  t.equal(await store.useOnce('before', 1), true)
  await limiter.hit('key')

  name.leadTo(after ?? 0)
  const operator = new Valkey({ host: '127.0.0.1', port: before ?? 0 })
  // Of nobody: it is not to write down what another one sends.
  await operator.replicaof('127.0.0.1', '1')
  operator.disconnect()
  const isTaken = () => store.useOnce('after', 1).catch(() => undefined)
  await until(async () => (await isTaken()) !== undefined)
  await until(async () => {
    await limiter.hit('key')
    return (await metrics.render()).text.includes('gatehouse_gateway_rate_limit_shared 1')
  })
  const found = new Valkey({ host: '127.0.0.1', port: after ?? 0 })
  t.equal(await found.zscore('{gatehouse}:once', 'after'), '1')
  t.equal((await found.keys('gatehouse:rate:*')).length, 1)
  found.disconnect()
})
