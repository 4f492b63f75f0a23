import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Tunnel } from '../../gateway/websocket/tunnel.ts'
import { eventually, jwtParts } from '../harness/index.ts'
import { until } from '../harness/eventually.ts'
import { isDeaf } from '../harness/is-deaf.ts'
import { echo, LiveClient, liveRoutes, openRaw } from './live-service.ts'
import { startRig } from './rig.ts'

/** Acts when the gateway has begun to close so many: from then on it waits a second for the end of a frame. */
function whenClosing(t: Test, count: number, act: () => void): void {
  // It is called as the method that it is.
  // oxlint-disable-next-line typescript/unbound-method
  const { close } = Tunnel.prototype
  let closing = 0
  t.capture(Tunnel.prototype, 'close', function (this: Tunnel, code: number) {
    close.call(this, code)
    if (++closing === count) act()
  })
}

for (const websocketsAlone of [false, true]) {
  const how = websocketsAlone ? 'alone' : 'sharing a connection'
  t.test(
    `a WebSocket with a token reaches the service over mTLS, with an internal token, ${how}`,
    async (t) => {
      const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
      const service = echo(rig)
      const client = LiveClient.withToken(rig)
      t.ok(await client.opened)
      const [request] = service.requests
      const { payload } = jwtParts(request?.headers.authorization?.slice('Bearer '.length) ?? '')
      t.match(payload, { aud: 'orders', scope: 'orders:read', tctx: { route: 'live' } })
      t.notOk(request?.headers.cookie)
      for (const text of ['one', 'two', 'x'.repeat(100)]) client.send(text)
      t.ok(await eventually(() => client.texts.length === 3))
      t.same(client.texts, service.texts)
      client.close(4000)
      t.equal(await client.closed, 4000, 'the service answered the close')
      t.match((await rig.lines()).at(-1), { status: 101, route: 'live', upstream: 'orders' })
      t.match(await rig.metrics(), /gatehouse_gateway_websockets 0/)
    },
  )

  t.test(`big frames both ways, by back-pressure, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    const service = echo(rig)
    const client = LiveClient.withToken(rig)
    t.ok(await client.opened)
    const size = 8 * 1024 * 1024
    const head = Buffer.alloc(10)
    head.set([0x81, 127])
    head.writeBigUInt64BE(BigInt(size), 2)
    service.sockets[0]?.write(Buffer.concat([head, Buffer.alloc(size, 'a')]))
    t.ok(await eventually(() => client.texts.length === 1))
    t.equal(client.texts[0]?.length, size)
    client.send('after it')
    t.ok(await eventually(() => client.texts.length === 2))
  })

  t.test(`it ends with 4401 when the token is revoked, and when it expires, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    const service = echo(rig)
    const [short, long] = [LiveClient.withToken(rig, { sid: 'sid-2' }), LiveClient.withToken(rig)]
    t.same(await Promise.all([short.opened, long.opened]), [true, true])
    // In the middle of a frame: it is finished first.
    for (const socket of service.sockets)
      socket.write(Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('he')]))
    whenClosing(t, 2, () => service.sockets.forEach((socket) => socket.write('llo')))
    rig.clock.advance(301_000)
    t.same(await Promise.all([short.closed, long.closed]), [4401, 4401])
    t.same([short.texts, long.texts], [['hello'], ['hello']])
    t.ok(
      await eventually(() => service.sockets.every((socket) => socket.destroyed)),
      'the service is left, too',
    )
  })

  t.test(`a service that refuses, or does not know the handshake, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    rig.services.orders.upgrade = (_request, socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    t.notOk(await LiveClient.withToken(rig).opened)
    t.match((await rig.lines()).at(-1), { status: 403 })
    rig.services.orders.upgrade = (_request, socket) =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n',
      )
    t.notOk(await LiveClient.withToken(rig).opened)
    t.match((await rig.lines(2)).at(-1), { status: 502, code: 'bad_gateway' })
  })

  t.test(`a service that answers the request, and opens nothing, is passed on, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    rig.services.orders.upgrade = (_request, socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok')
    await t.rejects(openRaw(t, rig), { message: /^HTTP\/1\.1 200 / })
    t.match(await rig.lines(), [{ status: 200 }])
  })

  t.test(`its head may be as long as that of any answer, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    const long = `x-long: ${'a'.repeat(28_000)}\r\n`
    const many = Array.from({ length: 300 }, (_, at) => `x-${at}: a\r\n`).join('')
    for (const [what, lines] of Object.entries({ long, many })) {
      rig.services.orders.upgrade = (_request, socket) =>
        socket.end(`HTTP/1.1 403 Forbidden\r\n${lines}content-length: 0\r\nconnection: close\r\n\r\n`)
      // oxlint-disable-next-line no-await-in-loop
      await t.rejects(openRaw(t, rig), { message: /^HTTP\/1\.1 403 / }, what)
    }
  })

  t.test(`an answer instead of a WebSocket that goes silent is cut, ${how}`, async (t) => {
    const idle = 'websocket: true\n    limits: { idle: 100ms }'
    const rig = await startRig(t, { config: liveRoutes.replace('websocket: true', idle), websocketsAlone })
    rig.services.orders.upgrade = (_request, socket) =>
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 9\r\n\r\nforb')
    await t.rejects(openRaw(t, rig))
    t.ok(await eventually(() => rig.log.requests().length === 1))
    t.match(rig.log.requests(), [{ status: 403, code: 'gateway_timeout' }])
  })

  t.test(`a gateway that stops says so, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    echo(rig)
    const client = LiveClient.withToken(rig)
    t.ok(await client.opened)
    await rig.gateway.stop()
    t.equal(await client.closed, 1001)
  })

  t.test(`one whose handshake ends while the gateway stops is closed as well, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    echo(rig)
    const { upgrade } = rig.services.orders
    let agree: (() => void) | undefined
    rig.services.orders.upgrade = (request, socket) => (agree = () => upgrade?.(request, socket))
    const client = LiveClient.withToken(rig)
    t.ok(await eventually(() => agree !== undefined))
    const stopped = rig.gateway.stop().then(() => true)
    await until(() => isDeaf(rig.port))
    agree?.()
    t.ok(await Promise.race([stopped, sleep(15_000, false, { ref: false })]))
    t.equal(await client.closed, 1001)
  })

  t.test(`a caller that has said all gets its answer, ${how}`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes, websocketsAlone })
    const service = echo(rig)
    const caller = await openRaw(t, rig)
    const got: Buffer[] = []
    caller.on('data', (chunk) => got.push(chunk))
    caller.end(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    await once(caller, 'close')
    t.same(service.texts, ['hi'])
    t.same(Buffer.concat(got), Buffer.from([0x81, 2, 0x68, 0x69]))
  })

  t.test(`a caller that goes away without a word takes the service along, ${how}`, async (t) => {
    const rig = await startRig(t, {
      config: `${liveRoutes}\ngateway: { websockets: { ping: 100ms } }`,
      websocketsAlone,
    })
    const service = echo(rig)
    const { opened } = LiveClient.withToken(rig)
    t.ok(await opened)
    service.sockets[0]?.destroy()
    t.ok(await eventually(() => service.sockets.every((socket) => socket.destroyed)))
  })
}

t.test(
  'there are never more than the configuration allows, also of those that are asked for at once',
  async (t) => {
    const rig = await startRig(t, { config: `${liveRoutes}\ngateway: { websockets: { max: 2 } }` })
    echo(rig)
    const { upgrade } = rig.services.orders
    const agree: (() => void)[] = []
    rig.services.orders.upgrade = (request, socket) => agree.push(() => upgrade?.(request, socket))
    const clients = [1, 2, 3, 4].map(() => LiveClient.withToken(rig))
    const refused = await Promise.race(clients.map(async ({ opened }) => await opened))
    t.notOk(refused, 'one is refused while others wait')
    t.match((await rig.lines()).at(-1), { status: 503, code: 'upstream_unavailable' })
    t.ok(await eventually(() => agree.length === 2))
    for (const run of agree) run()
    const opened = await Promise.all(clients.map(async (client) => await client.opened))
    t.equal(opened.filter(Boolean).length, 2)
  },
)
