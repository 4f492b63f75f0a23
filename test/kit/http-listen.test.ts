import net from 'node:net'
import { networkInterfaces } from 'node:os'
import t from 'tap'
import { StartError } from '@gatehouse/kit/errors'
import { createHttpServer, listen } from '@gatehouse/kit/http/server'
import { createLogger } from '@gatehouse/kit/log'
import { eventually } from '../harness/eventually.ts'
import { isDeaf } from '../harness/is-deaf.ts'
import { portOf, serve } from './http-fixture.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const hasLoopback6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((item) => item.address === '::1'),
)

t.test('localhost is reached by IPv4 and by IPv6', async (t) => {
  const app = createHttpServer({ log })
  app.get('/', () => 'ok')
  await listen(app, { host: 'localhost', port: 0 })
  const port = portOf(app.server)
  for (const host of hasLoopback6 ? ['127.0.0.1', '[::1]', 'localhost'] : ['127.0.0.1', 'localhost']) {
    t.equal(await (await fetch(`http://${host}:${port}/`)).text(), 'ok', host)
  }
  await app.close()
  for (const host of ['127.0.0.1', '::1']) t.ok(await isDeaf(port, host), `${host} is closed`)
})

t.test('a request by IPv6 is under way as well', { skip: !hasLoopback6 && 'no ::1 here' }, async (t) => {
  const app = createHttpServer({ log })
  let answer = (): void => {}
  app.get('/', async () => {
    await new Promise<void>((resolve) => (answer = resolve))
    return 'ok'
  })
  let isClosed = false
  app.addHook('onClose', async () => void (isClosed = true))
  await listen(app, { host: 'localhost', port: 0 })
  const port = portOf(app.server)
  const came = new Promise((resolve) => app.server.once('request', resolve))
  const text = fetch(`http://[::1]:${port}/`).then((response) => response.text())
  await came
  const closed = app.close()
  t.ok(await eventually(() => isDeaf(port, '::1')), 'nobody else comes in')
  t.equal(isClosed, false, 'what it needs is there')
  answer()
  t.equal(await text, 'ok')
  await closed
})

t.test('nor does one that hangs hold it up', { skip: !hasLoopback6 && 'no ::1 here' }, async (t) => {
  const app = createHttpServer({ log })
  app.get('/', () => new Promise(() => {}))
  await listen(app, { host: 'localhost', port: 0 })
  const came = new Promise((resolve) => app.server.once('request', resolve))
  const cut = t.rejects(fetch(`http://[::1]:${portOf(app.server)}/`))
  await came
  await app.close()
  await cut
})

t.test('a port in use is one clear line with what to do', async (t) => {
  const first = createHttpServer({ log })
  await listen(first, { host: '127.0.0.1', port: 0 })
  t.teardown(() => first.close())
  const port = portOf(first.server)
  const second = createHttpServer({ log })
  await t.rejects(listen(second, { host: 'localhost', port }), {
    name: 'StartError',
    message: `port ${port} on localhost is already in use`,
    hint: /GATEHOUSE_PORT_BASE/,
  })
})

t.test('half of localhost in use is in use', { skip: !hasLoopback6 && 'no ::1 here' }, async (t) => {
  const other = net.createServer().listen(0, '::1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.teardown(() => other.close())
  const app = createHttpServer({ log })
  await t.rejects(listen(app, { host: 'localhost', port: portOf(other) }), StartError)
  t.equal(app.server.listening, false, 'nothing half-started')
})

t.test('an address of another machine', async (t) => {
  const app = createHttpServer({ log })
  await t.rejects(listen(app, { host: '192.0.2.1', port: 0 }), { message: /192\.0\.2\.1 is not an address/ })
})

t.test('a connection that could not be accepted ends neither the process nor the server', async (t) => {
  const { app, url, logged } = await serve(t, (scope) => scope.get('/', () => 'ok'))
  app.server.emit('error', Object.assign(new Error('accept ENOBUFS'), { code: 'ENOBUFS' }))
  t.match(logged.at(-1), {
    level: 'error',
    msg: 'a connection could not be accepted',
    err: { code: 'ENOBUFS' },
  })
  t.equal(await (await fetch(url)).text(), 'ok')
})
