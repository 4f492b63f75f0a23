import { connect } from 'node:net'
import t from 'tap'
import { eventually } from '../harness/index.ts'
import { sendRaw, statuses } from './client.ts'
import { sendJson } from './fake-upstream.ts'
import { startRig } from './rig.ts'

const upstream = (more: string) => `
upstreams: { orders: { retries: { attempts: 0 }, ${more} } }
routes: [{ id: orders.list, limits: { timeout: 19s } }, { id: orders.create, limits: { timeout: 400ms } }]
`

t.test('wait for the head of the answer: 504, long before the whole time is up', async (t) => {
  const rig = await startRig(t, { config: upstream('timeouts: { firstByte: 200ms }') })
  rig.services.orders.answer = () => {}
  const started = performance.now()
  t.match(await rig.call({ path: '/api/orders' }), { status: 504, json: { code: 'gateway_timeout' } })
  t.ok(performance.now() - started < 15_000)
})

t.test('silence within an answer cuts it', async (t) => {
  const rig = await startRig(t, { config: upstream('timeouts: { idle: 200ms }') })
  rig.services.orders.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': 10 })
    response.write('half')
  }
  const started = performance.now()
  await t.rejects(rig.call({ path: '/api/orders' }))
  t.ok(performance.now() - started < 15_000)
})

t.test('a route may be stricter, or more patient, than its upstream', async (t) => {
  const config = `
upstreams: { orders: { timeouts: { firstByte: 150ms } } }
routes: [{ id: orders.list, limits: { timeout: 19s, firstByte: 15s } }]
`
  const rig = await startRig(t, { config })
  rig.services.orders.answer = (_request, response) =>
    setTimeout(() => sendJson(response, 200, { ok: true }), 400)
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  t.equal((await rig.call({ path: '/api/orders/1' })).status, 504)
})

t.test('a port that accepts and says nothing: 503 once connecting takes too long', async (t) => {
  const rig = await startRig(t, { config: upstream('timeouts: { connect: 200ms }') })
  await rig.services.orders.stop()
  const { createServer } = await import('node:net')
  const silent = createServer((socket) => socket.on('error', () => socket.destroy()).resume())
  const port = Number(new URL(rig.config.upstreams['orders']?.targets[0]?.url ?? '').port)
  await new Promise<void>((resolve) => silent.listen(port, 'localhost', resolve))
  t.teardown(() => new Promise((resolve) => silent.close(resolve)))
  const answer = await rig.call({ path: '/api/orders' })
  t.match(answer, { status: 503, json: { code: 'upstream_unavailable' }, headers: { 'retry-after': '1' } })
})

t.test('a caller that does not finish its body is told so: it is not the service that is late', async (t) => {
  const rig = await startRig(t, { config: upstream('breaker: { volume: 1 }') })
  rig.services.orders.answer = (request, response) => {
    request.on('error', () => {}).on('end', () => sendJson(response, 200, {}))
    request.resume()
  }
  const slow = [
    'POST /api/orders HTTP/1.1',
    `host: ${rig.host}`,
    `authorization: Bearer ${rig.issuer.token()}`,
    'content-length: 100',
    '',
    'half',
  ].join('\r\n')
  t.same(statuses(await sendRaw(rig.port, slow, 1500)), [408])
  t.equal((await rig.call({ path: '/api/orders/1' })).status, 200, 'nor has the breaker heard of it')
})

t.test('nor does a slow upload that tries whether a service is well again keep the others out', async (t) => {
  const config = 'upstreams: { orders: { breaker: { volume: 2, open: 10s }, retries: { attempts: 0 } } }'
  const rig = await startRig(t, { config })
  rig.services.orders.raw = (socket) => socket.once('data', () => socket.destroy())
  for (const status of [502, 502, 503]) t.equal((await rig.call({ path: '/api/orders' })).status, status)
  rig.services.orders.raw = undefined
  rig.clock.advance(10_000)
  const slow = connect(rig.port, 'localhost').on('error', () => {})
  t.teardown(() => slow.destroy())
  slow.write(
    `POST /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\ncontent-length: 100\r\n\r\nhalf`,
  )
  t.ok(await eventually(() => rig.reached() > 0))
  t.equal((await rig.call({ path: '/api/orders' })).status, 503)
  rig.clock.advance(10_000)
  t.same([(await rig.call({ path: '/api/orders' })).status, slow.destroyed], [200, false])
  t.equal((await rig.call({ path: '/api/orders' })).status, 200, 'it is well')
})

t.test('a service that closes its half after the answer, and one that closes it before', async (t) => {
  const rig = await startRig(t, { config: upstream('timeouts: { idle: 1s }') })
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n'
  rig.services.orders.raw = (socket) =>
    socket.once('data', () => socket.end(`${head}content-length: 5\r\n\r\nhello`))
  t.equal((await rig.call({ path: '/api/orders' })).text, 'hello')
  rig.services.orders.raw = (socket) =>
    socket.once('data', () => socket.end(`${head}content-length: 50\r\n\r\nhello`))
  await t.rejects(rig.call({ path: '/api/orders' }))
})

t.test('headers that come one byte at a time end at the time of the route', async (t) => {
  const rig = await startRig(t, { config: upstream('timeouts: { firstByte: 4s }') })
  rig.services.orders.raw = (socket) =>
    socket.once('data', () => {
      const text = `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(10_000)}`
      let at = 0
      const drip = setInterval(() => socket.write(text[at++] ?? 'a'), 5)
      socket.once('close', () => clearInterval(drip))
    })
  const body = { method: 'POST', path: '/api/orders', body: '{}' }
  t.match(await rig.call(body), { status: 504, json: { code: 'gateway_timeout' } })
})

t.test('a caller that reads nothing does not hold the service beyond the time of the route', async (t) => {
  const rig = await startRig(t, { config: 'routes: [{ id: orders.list, limits: { timeout: 3s } }]' })
  let isLeft = false
  rig.services.orders.answer = (_request, response) => {
    response.once('close', () => (isLeft = true))
    response.writeHead(200, { 'content-length': 100_000_000 })
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    }
    response.on('drain', more)
    more()
  }
  const socket = connect(rig.port, '127.0.0.1', () =>
    socket.write(
      `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n\r\n`,
    ),
  )
  socket.pause()
  t.ok(await eventually(() => isLeft))
  socket.destroy()
})
