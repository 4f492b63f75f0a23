import t from 'tap'
import { startService, type FastifyInstance } from '@gatehouse/kit'
import { contextOf } from '@gatehouse/kit/service/context'
import { FakeDoor } from '../harness/door.ts'
import { eventually } from '../harness/eventually.ts'
import { createTrust, internalToken } from '../harness/internal.ts'
import { CapturedLog, ServiceClient, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
t.teardown(() => door.stop())

async function run(register: (app: FastifyInstance) => void) {
  const log = new CapturedLog()
  let stops = 0
  const service = await startService({
    name: 'orders',
    context: contextOf(serviceContext({ trust, door: door.origin, log }), 'orders'),
    register,
    onStop: async () => {
      stops += 1
    },
  })
  const client = new ServiceClient(trust, service)
  return { log, service, client, stops: () => stops }
}
const guard = { scopes: ['orders:read'] satisfies readonly [string] }
const token = (more: object = {}) => internalToken(trust, { aud: 'orders', scope: 'orders:read', ...more })

t.test('one log line for each request, however it ended', async (t) => {
  const { log, service, client } = await run((app) => {
    app.get('/things/:id', { config: { guard } }, () => ({ done: true }))
    app.get('/broken', { config: { guard } }, () => {
      throw new Error('a secret of the database')
    })
  })
  await client.send({
    path: '/things/7?secret=s3cret',
    token: token({ txn: 'txn_first', sub: 'acc-bob', client_id: 'cli' }),
  })
  const broken = await client.send({ path: '/broken', token: token() })
  await client.send({ path: '/broken', token: token({ scope: 'other' }) })
  await client.send({ path: '/nowhere', token: token() })
  await client.send({ path: '/things/7' })
  // What comes before the service has its keys is sent again.
  const lines = () => log.requests().filter((line) => line['code'] !== 'not_ready')
  // A line is written once the answer has left, which the caller may have by then.
  t.ok(await eventually(() => lines().length === 5))
  t.match(lines(), [
    { txn: 'txn_first', sub: 'acc-bob', client_id: 'cli', route: 'GET /things/:id', status: 200, ms: Number },
    { route: 'GET /broken', sub: 'acc-alice', status: 500 },
    { route: 'GET /broken', sub: 'acc-alice', status: 403, code: 'insufficient_scope' },
    { route: 'GET (none)', status: 404 },
    { route: 'GET /things/:id', status: 401, code: 'missing_credentials' },
  ])
  t.equal(lines().length, 5)
  t.notOk(JSON.stringify(log.requests()).includes('s3cret'))
  t.match(broken, { status: 500, json: { code: 'internal_error' } })
  t.notOk(broken.text.includes('secret of the database'))
  await client.close()
  await service.stop()
})

t.test('a caller that goes away leaves one line, too', async (t) => {
  let [begun, over] = [() => {}, () => {}]
  const isBegun = new Promise<void>((resolve) => (begun = resolve))
  const isOver = new Promise<void>((resolve) => (over = resolve))
  const { log, service, client } = await run((app) => {
    app.get('/slow', { config: { guard } }, async ({ raw }) => {
      begun()
      await new Promise((resolve) => raw.socket.once('close', resolve))
      over()
      return {}
    })
  })
  const sent = client.send({ path: '/slow', token: token() })
  await isBegun
  await client.close()
  await t.rejects(sent)
  await isOver
  t.ok(await eventually(() => log.requests().length > 0))
  t.match(log.requests(), [{ route: 'GET /slow', sub: 'acc-alice', status: 499 }])
  t.equal(log.requests().length, 1)
  await service.stop()
})

t.test('an error carries the transaction that the gateway named', async (t) => {
  const { service, client } = await run(() => {})
  const named = 'txn_AAAAAAAAAAAAAAAAAAAAAA'
  const ask = async (id: string) =>
    Object((await client.send({ path: '/x', headers: { 'x-request-id': id } })).json).txn
  t.equal(await ask(named), named)
  t.not(await ask('<script>'), '<script>')
  await client.close()
  await service.stop()
})

t.test('stop finishes what is under way, closes the store once, and refuses what comes later', async (t) => {
  let begun = () => {}
  const isBegun = new Promise<void>((resolve) => (begun = resolve))
  const { service, client, stops } = await run((app) => {
    app.get('/slow', { config: { guard } }, async () => {
      begun()
      await new Promise((resolve) => setTimeout(resolve, 150))
      return { stops: stops() }
    })
  })
  const sent = client.send({ path: '/slow', token: token() })
  await isBegun
  await Promise.all([service.stop(), service.stop()])
  t.match(await sent, { status: 200, json: { stops: 0 } })
  t.equal(stops(), 1)
  await t.rejects(client.send({ path: '/healthz' }))
  await client.close()
})

t.test('a port in use is one clear line, and what was opened is closed', async (t) => {
  const { service, client } = await run(() => {})
  const ctx = serviceContext({ trust, door: door.origin })
  const port = Number(new URL(service.urls['url'] ?? '').port)
  const { services } = ctx.config
  const taken = { ...services, orders: { ...services.orders, listen: { host: '127.0.0.1', port } } }
  let isStopped = false
  const second = startService({
    name: 'orders',
    context: contextOf({ ...ctx, config: { ...ctx.config, services: taken } }, 'orders'),
    register: () => {},
    onStop: async () => {
      isStopped = true
    },
  })
  await t.rejects(second, { name: 'StartError', hint: String })
  t.ok(isStopped)
  await client.close()
  await service.stop()
})

t.test('without its certificate it does not start', async (t) => {
  const ctx = serviceContext({ trust, door: door.origin })
  let isStopped = false
  const starting = startService({
    name: 'orders',
    context: contextOf({ ...ctx, paths: { ...ctx.paths, certs: t.testdir() } }, 'orders'),
    register: () => {},
    onStop: async () => {
      isStopped = true
    },
  })
  await t.rejects(starting, { name: 'StartError' })
  t.ok(isStopped)
})
