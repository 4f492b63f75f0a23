import { createServer } from 'node:http'
import http2 from 'node:http2'
import { once } from 'node:events'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { queryObjects } from 'node:v8'
import t from 'tap'
import { acceptOf } from '@gatehouse/kit/http/websocket-accept'
import { Exchange } from '../../gateway/upstream/exchange.ts'
import { Visit } from '../../gateway/pipeline/visit.ts'
import { eventually } from '../harness/index.ts'
import { echo, LiveClient, liveRoutes, openRaw } from './live-service.ts'
import { startRig, type Rig } from './rig.ts'

async function openMany(rig: Rig, count: number): Promise<LiveClient[]> {
  const clients: LiveClient[] = []
  while (clients.length < count) {
    const more = Array.from({ length: Math.min(10, count - clients.length) }, () => LiveClient.withToken(rig))
    await Promise.all(more.map(({ opened }) => opened))
    clients.push(...more)
  }
  return clients
}

t.test('a hundred share one connection to the service, the next ones another', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = echo(rig)
  const clients = await openMany(rig, 100)
  t.equal(rig.services.orders.connections, 1)
  clients.push(...(await openMany(rig, 2)))
  t.equal(rig.services.orders.connections, 2)
  for (const [at, client] of clients.entries()) client.send(`mine is ${at}`)
  t.ok(await eventually(() => clients.every(({ texts }) => texts.length === 1)))
  t.same(
    clients.map(({ texts }) => texts),
    clients.map((_, at) => [`mine is ${at}`]),
  )
  t.equal(service.requests.length, 102)
})

t.test('an open one keeps nothing of the request that asked for it', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  await openMany(rig, 20)
  // The last one may still be in a variable of somebody's.
  t.ok(await eventually(() => queryObjects(Exchange, { format: 'count' }) < 3), 'exchanges')
  t.ok(await eventually(() => queryObjects(Visit, { format: 'count' }) < 3), 'visits')
})

t.test('one that takes nothing does not hold up the others on its connection', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = echo(rig)
  const slow = await openRaw(t, rig)
  slow.pause()
  const piece = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]), Buffer.alloc(0x10_0000)])
  for (let written = 0; written < 16; written++) service.sockets[0]?.write(piece)
  t.ok(await eventually(() => service.sockets[0]?.writableNeedDrain === true), 'it waits')
  const client = LiveClient.withToken(rig)
  t.ok(await client.opened)
  client.send('past it')
  t.ok(await eventually(() => client.texts[0] === 'past it'))
  t.equal(rig.services.orders.connections, 1)
})

t.test('a handshake that says it has no content is like any other', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = echo(rig)
  const socket = await openRaw(t, rig, ['content-length: 0'])
  const answered = once(socket, 'data')
  socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
  t.same(await Promise.race([answered, once(socket, 'close')]), [Buffer.from([0x81, 2, 0x68, 0x69])])
  t.same(service.texts, ['hi'])
})

t.test('callers who leave in a hurry, again and again, take nobody along', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  const client = LiveClient.withToken(rig)
  t.ok(await client.opened)
  for (let n = 0; n < 300; n++) (await openRaw(t, rig)).resetAndDestroy()
  client.send('still here')
  t.ok(await eventually(() => client.texts[0] === 'still here'))
  t.equal(rig.services.orders.connections, 1)
})

t.test('a connection that breaks ends those on it; the next one gets another', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  const clients = await openMany(rig, 3)
  rig.services.orders.cut()
  t.same(await Promise.all(clients.map(({ closed }) => closed)), [1006, 1006, 1006])
  const [client] = await openMany(rig, 1)
  client?.send('again')
  t.ok(await eventually(() => client?.texts[0] === 'again'))
  t.equal(rig.services.orders.connections, 2)
})

t.test('a service that is away is told of as ever, and found again', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  await rig.services.orders.stop()
  t.notOk(await LiveClient.withToken(rig).opened)
  t.match((await rig.lines()).at(-1), { status: 503, code: 'upstream_unavailable' })
})

t.test('a service with another identity gets no WebSocket', async (t) => {
  const rig = await startRig(t, {
    config: `${liveRoutes}\nupstreams: { orders: { targets: ['https://localhost:\${port:1003}'] } }`,
  })
  const service = echo(rig)
  t.notOk(await LiveClient.withToken(rig).opened)
  t.match((await rig.lines()).at(-1), { status: 502, code: 'bad_gateway' })
  t.equal(service.requests.length, 0)
})

t.test('a service that does not come to its handshake is given up in time', async (t) => {
  const silent = createTcpServer().listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  const held: Socket[] = []
  silent.on('connection', (socket) => held.push(socket))
  t.teardown(() => held.forEach((socket) => socket.destroy()))
  await once(silent, 'listening')
  const target = `https://127.0.0.1:${Object(silent.address()).port}`
  const rig = await startRig(t, {
    config: `${liveRoutes}\nupstreams: { orders: { targets: ['${target}'], timeouts: { connect: 100ms }, retries: { attempts: 0 } } }`,
  })
  t.notOk(await LiveClient.withToken(rig).opened)
  t.match((await rig.lines()).at(-1), { status: 503, code: 'upstream_unavailable' })
  t.equal(held.length, 1)
})

t.test('an answer that was asked for twice may take its time once it has begun', async (t) => {
  const limited = liveRoutes.replace('websocket: true', 'websocket: true\n    limits: { firstByte: 3s }')
  const rig = await startRig(t, { config: limited })
  rig.services.orders.upgrade = (_request, socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\no')
    setTimeout(() => socket.end('k'), 3_200)
  }
  await t.rejects(openRaw(t, rig), { message: /^HTTP\/1\.1 200 / })
  t.ok(await eventually(() => rig.log.requests().length === 1))
  t.match(rig.log.requests(), [{ status: 200, bytes: 2, code: undefined }])
})

t.test('a connection that has gone silent is not asked again', async (t) => {
  let isOpen = true
  const pairs: Socket[] = []
  // As a firewall does that has forgotten a connection: nothing passes on it any more, and nobody is told.
  const firewall = createTcpServer((socket) => {
    const isFirst = pairs.length === 0
    const other = connect(rig.port + 1002, 'localhost')
    pairs.push(socket, other)
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.on('data', (chunk) => (isOpen || !isFirst ? to.write(chunk) : undefined))
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  t.teardown(() => (firewall.close(), pairs.forEach((socket) => socket.destroy())))
  await once(firewall, 'listening')
  const target = `https://127.0.0.1:${Object(firewall.address()).port}`
  const rig = await startRig(t, {
    config: `${liveRoutes.replace('websocket: true', 'websocket: true\n    limits: { timeout: 3s }')}\nupstreams: { orders: { targets: ['${target}'] } }`,
  })
  echo(rig)
  t.ok(await LiveClient.withToken(rig).opened)
  isOpen = false
  t.notOk(await LiveClient.withToken(rig).opened)
  t.match((await rig.lines()).at(-1), { status: 504 })
  let attempts = 0
  while (attempts++ < 20 && !(await LiveClient.withToken(rig).opened));
  t.ok(attempts < 20, 'another one is made')
})

t.test(
  'the connection names the service, and is known by its address where that is all there is',
  async (t) => {
    for (const [host, name] of [
      ['localhost', 'localhost'],
      ['127.0.0.1', false],
    ] as const) {
      const rig = await startRig(t, {
        config: `${liveRoutes}\nupstreams: { orders: { targets: ['https://${host}:\${port:1002}'] } }`,
      })
      const names: unknown[] = []
      rig.services.orders.raw = (socket) => {
        names.push(socket.servername)
        socket.destroy()
      }
      t.notOk(await LiveClient.withToken(rig).opened)
      t.same([...new Set(names)], [name])
      await rig.gateway.stop()
    }
  },
)

/** Takes a WebSocket by HTTP/1.1 and says hello. */
function hello(socket: Duplex, key: string | undefined): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${acceptOf(key ?? '')}\r\n\r\n`,
  )
  socket.write(Buffer.from([0x81, 2, 0x68, 0x69]))
}

for (const [what, enableConnectProtocol] of [
  ['speaks HTTP/2 but takes no WebSockets by it', false],
  ['wants them by HTTP/1.1', true],
] as const) {
  t.test(`a service that ${what} gets each on its own connection, and is not asked again`, async (t) => {
    const rig = await startRig(t, { config: liveRoutes })
    const asked = { http1: 0, http2: 0 }
    const one = createServer().on('upgrade', (request, socket) => {
      asked.http1++
      hello(socket, request.headers['sec-websocket-key'])
    })
    const two = http2.createServer({ settings: { enableConnectProtocol } })
    two.on('session', () => asked.http2++)
    two.on('stream', (stream) => {
      stream.on('error', () => undefined)
      stream.close(http2.constants.NGHTTP2_HTTP_1_1_REQUIRED)
    })
    rig.services.orders.raw = (socket) =>
      (socket.alpnProtocol === 'h2' ? two : one).emit('connection', socket)
    for (const client of [...(await openMany(rig, 1)), ...(await openMany(rig, 2))]) {
      t.ok(await eventually(() => client.texts[0] === 'hi'))
    }
    t.same(asked, { http1: 3, http2: 1 })
  })
}

t.test('an answer that only HTTP/1.1 can give arrives, and the next ones share as before', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  const [first] = await openMany(rig, 1)
  const { upgrade } = rig.services.orders
  rig.services.orders.upgrade = (_request, socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  await t.rejects(openRaw(t, rig), { message: /^HTTP\/1\.1 200 OK/ })
  rig.services.orders.upgrade = upgrade
  const before = rig.services.orders.connections
  for (const client of [first, ...(await openMany(rig, 2))]) {
    client?.send('here')
    t.ok(await eventually(() => client?.texts[0] === 'here'))
  }
  t.equal(rig.services.orders.connections, before)
})

t.test('a target that is removed keeps its WebSockets until they end', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  const client = LiveClient.withToken(rig)
  t.ok(await client.opened)
  rig.configure(`${liveRoutes}\nupstreams: { orders: { targets: ['https://127.0.0.1:\${port:1002}'] } }`)
  t.ok(await eventually(() => rig.log.lines.some(({ msg }) => String(msg).includes('configuration'))))
  const next = LiveClient.withToken(rig)
  t.ok(await next.opened)
  t.equal(rig.services.orders.connections, 2)
  client.send('not cut')
  t.ok(await eventually(() => client.texts[0] === 'not cut'))
})
