import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Pool } from '@gatehouse/kit/http/undici'
import { RenewedPool } from '../../gateway/upstream/renewed-pool.ts'
import { until } from '../harness/eventually.ts'

type Test = { teardown(run: () => unknown): unknown }

/** A service that answers when it is told to, and how many connections it saw. */
async function service(t: Test) {
  const waiting: ServerResponse[] = []
  let connections = 0
  const server = createServer((_request, response) => void waiting.push(response))
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const answer = async (): Promise<void> => {
    await until(() => waiting.length > 0)
    waiting.shift()?.end('done')
  }
  return { origin: `http://127.0.0.1:${port}`, answer, connections: () => connections }
}

function ask(pool: RenewedPool): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  pool.current.dispatch(
    { method: 'GET', path: '/' },
    {
      onConnect: () => undefined,
      onHeaders: () => true,
      onData: (chunk) => chunks.push(chunk) > 0,
      onComplete: () => resolve(Buffer.concat(chunks).toString()),
      onError: reject,
    },
  )
  return promise
}

t.test('a request ends where it began, and the next has another connection', async (t) => {
  const { origin, answer, connections } = await service(t)
  const made: Pool[] = []
  const make = () => {
    const pool = new Pool(origin, { connections: 1, pipelining: 1 })
    made.push(pool)
    return pool
  }
  const pool = new RenewedPool(make, 50)
  t.teardown(() => pool.destroy())
  await sleep(120)
  t.equal(made.length, 1, 'one that was not used is not renewed')
  const slow = ask(pool)
  await until(() => made.length >= 2)
  const next = ask(pool)
  await answer()
  await answer()
  t.same(await Promise.all([slow, next]), ['done', 'done'])
  t.equal(connections(), 2)
})

t.test('destroyed, it leaves nothing of its former ones behind', async (t) => {
  const { origin } = await service(t)
  const made: Pool[] = []
  const make = () => {
    const pool = new Pool(origin, { connections: 1, pipelining: 1 })
    made.push(pool)
    return pool
  }
  const pool = new RenewedPool(make, 30)
  const slow = t.rejects(ask(pool))
  await until(() => made.length >= 2)
  await pool.destroy()
  await slow
})
