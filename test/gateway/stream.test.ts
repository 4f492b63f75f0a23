import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../harness/index.ts'
import { liveRoutes } from './live-service.ts'
import { startRig, type Rig } from './rig.ts'

/** A connection with one request for the stream, and what came back. */
function listen(rig: Rig, claims: object = {}) {
  const seen = { text: '', isClosed: false }
  const socket = connect(rig.port, '127.0.0.1', () =>
    socket.write(
      `GET /api/stream HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token(claims)}\r\n\r\n`,
    ),
  )
  socket.on('data', (data: Buffer) => (seen.text += data.toString()))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => (seen.isClosed = true))
  return { seen, socket }
}

/** Makes `orders` begin a stream of events; what it writes after that is told to the returned function. */
function streaming(rig: Rig): { write(event: string): void; isLeft(): boolean } {
  const open: { write(text: string): unknown; readonly destroyed: boolean }[] = []
  rig.services.orders.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    open.push(response)
  }
  return {
    write: (event) => open.forEach((response) => response.write(`data: ${event}\n\n`)),
    isLeft: () => open.length > 0 && open.every((response) => response.destroyed),
  }
}

t.test(
  'the head comes at once, each event when it is sent, and no timeout of the route ends it',
  async (t) => {
    const rig = await startRig(t, { config: liveRoutes })
    const service = streaming(rig)
    const { seen, socket } = listen(rig)
    t.ok(await eventually(() => seen.text.includes('\r\n\r\n')), 'before any event')
    t.match(seen.text, /^HTTP\/1\.1 200[^]*content-type: text\/event-stream/)
    service.write('one')
    t.ok(await eventually(() => seen.text.includes('data: one\n\n')))
    // Longer than the route's timeout.
    await sleep(3_100)
    service.write('two')
    t.ok(await eventually(() => seen.text.includes('data: two\n\n')))
    t.notOk(seen.isClosed)
    socket.destroy()
    t.ok(await eventually(() => service.isLeft()), 'a caller that leaves ends it at the service')
  },
)

t.test('a stream that does not begin is 504, one that falls silent is cut', async (t) => {
  const rig = await startRig(t, {
    config: liveRoutes.replace('timeout: 3s', 'timeout: 3s, idle: 200ms'),
  })
  rig.services.orders.answer = () => {}
  t.match(await rig.call({ path: '/api/stream' }), { status: 504, json: { code: 'gateway_timeout' } })
  const service = streaming(rig)
  const { seen } = listen(rig)
  t.ok(await eventually(() => seen.isClosed))
  t.match(seen.text, /^HTTP\/1\.1 200/)
  t.notMatch(seen.text, /\r\n0\r\n\r\n$/, 'not as if it were whole')
  t.ok(await eventually(() => service.isLeft()))
})

t.test('it ends when the token does', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = streaming(rig)
  const { seen } = listen(rig)
  t.ok(await eventually(() => seen.text.includes('200 OK')))
  rig.clock.advance(290_000)
  service.write('still there')
  t.ok(await eventually(() => seen.text.includes('still there')))
  rig.clock.advance(11_000)
  t.ok(await eventually(() => seen.isClosed))
  t.ok(await eventually(() => service.isLeft()))
  t.match(seen.text, /\r\nevent: gatehouse-closed\ndata: {"code":"invalid_token"}\n\n\r\n$/, 'and says why')
  t.notMatch(seen.text, /\r\n0\r\n\r\n$/)
  t.match((await rig.lines()).at(-1), { status: 200, code: 'invalid_token' })
})

t.test('a reason is never put into the middle of an event, nor into what is none', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const begun = async (head: Record<string, string>, text: string) => {
    rig.services.orders.answer = (_request, response) => {
      response.writeHead(200, head)
      response.write(text)
    }
    const { seen } = listen(rig)
    t.ok(await eventually(() => seen.text.includes(text)))
    return seen
  }
  const events = { 'content-type': 'text/event-stream' }
  const open = [
    await begun(events, 'data: half'),
    await begun({ 'content-type': 'application/x-ndjson' }, '{}\n\n'),
    await begun({ ...events, 'content-encoding': 'gzip' }, 'packed\n\n'),
  ]
  rig.clock.advance(301_000)
  for (const seen of open) {
    // oxlint-disable-next-line no-await-in-loop
    t.ok(await eventually(() => seen.isClosed))
    t.notMatch(seen.text, /gatehouse-closed/)
  }
})

t.test('a stream that tries whether a service is well again keeps nobody waiting', async (t) => {
  const breaker = 'upstreams: { orders: { breaker: { volume: 2, open: 10s }, retries: { attempts: 0 } } }'
  const rig = await startRig(t, { config: `${liveRoutes}\n${breaker}` })
  rig.services.orders.raw = (socket) => socket.once('data', () => socket.destroy())
  for (const status of [502, 502, 503]) t.equal((await rig.call({ path: '/api/orders' })).status, status)
  rig.services.orders.raw = undefined
  streaming(rig)
  rig.clock.advance(10_000)
  const { seen, socket } = listen(rig)
  t.ok(await eventually(() => seen.text.startsWith('HTTP/1.1 200')))
  rig.services.orders.answer = undefined
  t.equal((await rig.call({ path: '/api/orders' })).status, 200)
  socket.destroy()
})
