import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { startService, type FastifyInstance } from '@gatehouse/kit'
import { acceptOf } from '@gatehouse/kit/http/websocket-accept'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { mtlsConnect } from '@gatehouse/kit/mtls/tls'
import { contextOf } from '@gatehouse/kit/service/context'
import { FakeDoor } from '../harness/door.ts'
import { eventually } from '../harness/index.ts'
import { createTrust, internalToken } from '../harness/internal.ts'
import { CapturedLog, serviceContext } from '../harness/service.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
t.teardown(() => door.stop())
const guard = { scopes: ['orders:read'] satisfies readonly [string] }
const token = () => internalToken(trust, { aud: 'orders', scope: 'orders:read' })

async function run(t: Test, register: (app: FastifyInstance) => void) {
  const context = contextOf(serviceContext({ trust, door: door.origin, log: new CapturedLog() }), 'orders')
  const service = await startService({ name: 'orders', context, register })
  t.teardown(() => service.stop())
  return { service, open: (as?: string) => openSession(t, service.urls.url, as) }
}

async function openSession(t: Test, url: string, as = 'gateway'): Promise<ClientHttp2Session> {
  const tls = mtlsConnect(trust.workload(as), spiffeId(trust.trustDomain, 'orders'))
  const port = Number(new URL(url).port)
  const session = connect(url, {
    createConnection: () => connectTls({ ...tls, host: '127.0.0.1', port, ALPNProtocols: ['h2'] }),
  })
  t.teardown(() => session.destroy())
  const [settings]: unknown[] = await once(session, 'remoteSettings')
  t.match(settings, { enableConnectProtocol: true })
  return session
}

/** Asks for a WebSocket; the status, or the error code of the stream. */
async function ask(session: ClientHttp2Session, headers: Readonly<Record<string, string>> = {}) {
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/live', ...headers },
    { endStream: false },
  )
  stream.on('error', () => undefined)
  const first = await new Promise<unknown>((resolve) =>
    stream.once('response', resolve).once('close', resolve),
  )
  return { stream, status: Number(Object(first)[':status'] ?? 0), headers: Object(first) }
}

function closed(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve))
}

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

/** Takes every WebSocket and sends back what comes. */
function echo(app: FastifyInstance, seen: IncomingMessage[] = []): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    seen.push(request)
    agree(request, socket)
    socket.pipe(socket)
  })
}

function agree({ headers }: IncomingMessage, socket: Duplex): void {
  const accept = acceptOf(headers['sec-websocket-key'] ?? '')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: chat\r\n\r\nhello`,
  )
}

t.test('many WebSockets on one connection, each as if it had come alone', async (t) => {
  const seen: IncomingMessage[] = []
  const { open } = await run(t, (app) => echo(app, seen))
  const session = await open()
  const asked = await Promise.all([1, 2, 3].map((n) => ask(session, { 'x-request-id': `n${n}` })))
  for (const [at, { stream, status, headers }] of asked.entries()) {
    t.equal(status, 200)
    t.match(headers, { 'sec-websocket-protocol': 'chat' })
    t.notOk('sec-websocket-accept' in headers || 'upgrade' in headers || 'connection' in headers)
    stream.end(`and ${at}`)
  }
  t.same(await Promise.all(asked.map(({ stream }) => textOf(stream))), [
    'helloand 0',
    'helloand 1',
    'helloand 2',
  ])
  t.match(seen[0], {
    method: 'GET',
    url: '/live',
    httpVersion: '1.1',
    headers: {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': /^.{22}==$/,
      'x-request-id': 'n1',
    },
  })
  t.notOk(Object.keys(seen[0]?.headers ?? {}).some((name) => name.startsWith(':')))
})

t.test('a handshake passes the guard: who is at the other end of the connection is asked', async (t) => {
  const { open } = await run(t, (app) =>
    app.get('/live', { config: { guard } }, (_request, reply) => reply.code(426).send({ reached: true })),
  )
  const bearer = { authorization: `Bearer ${token()}` }
  const known = await ask(await open(), bearer)
  t.equal(known.status, 426)
  t.equal(await textOf(known.stream), '{"reached":true}')
  const none = await ask(await open())
  t.equal(none.status, 401)
  t.match(JSON.parse(await textOf(none.stream)), { code: 'missing_credentials' })
  const other = await ask(await open('users'), bearer)
  t.equal(other.status, 401, 'a token that was given to another workload')
  t.match(JSON.parse(await textOf(other.stream)), { code: 'invalid_token' })
})

t.test('what is no answer to the handshake opens nothing', async (t) => {
  const { NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_INTERNAL_ERROR } = constants
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'
  const cases = [
    ['another success', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', NGHTTP2_HTTP_1_1_REQUIRED],
    ['no accept', switching, NGHTTP2_INTERNAL_ERROR],
    ['no status of HTTP/2', 'HTTP/1.1 600 Odd\r\ncontent-length: 0\r\n\r\n', NGHTTP2_INTERNAL_ERROR],
    ['garbage', 'garbage\r\n\r\n', NGHTTP2_INTERNAL_ERROR],
    ['nothing', '', NGHTTP2_INTERNAL_ERROR],
  ] as const
  const answers = cases.map(([, answer]) => answer)
  const { open } = await run(t, (app) => {
    app.server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => socket.end(answers.shift()))
  })
  const session = await open()
  for (const [what, , code] of cases) {
    const { stream, status } = await ask(session)
    t.equal(status, 0, what)
    t.equal(stream.rstCode, code, what)
  }
})

t.test('any other request is told to come by HTTP/1.1, and who offers that gets it', async (t) => {
  const { service, open } = await run(t, (app) =>
    app.get('/live', { config: { guard: 'public' } }, () => 'here'),
  )
  const session = await open()
  for (const headers of [{ ':method': 'GET' }, { ':method': 'CONNECT', ':protocol': 'connect-udp' }]) {
    const stream = session.request({ ':path': '/live', ...headers })
    stream.on('error', () => undefined).resume()
    await closed(stream)
    t.equal(stream.rstCode, constants.NGHTTP2_HTTP_1_1_REQUIRED)
  }
  const tls = mtlsConnect(trust.workload('gateway'), spiffeId(trust.trustDomain, 'orders'))
  const port = Number(new URL(service.urls.url).port)
  const both = connectTls({ ...tls, host: '127.0.0.1', port, ALPNProtocols: ['h2', 'http/1.1'] })
  await once(both, 'secureConnect')
  t.equal(both.alpnProtocol, 'http/1.1')
  both.destroy()
})

t.test('a library that sets up a socket of its own finds one', async (t) => {
  const { open } = await run(t, (app) =>
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      const own = Object(socket)
      own.setTimeout(0).setNoDelay(true).setKeepAlive(true, 1_000).unref().ref()
      agree(request, socket)
    }),
  )
  t.equal((await ask(await open())).status, 200)
})

t.test('who leaves in a hurry, again and again, takes nobody along', async (t) => {
  const { open } = await run(t, (app) => echo(app))
  const session = await open()
  const { stream } = await ask(session)
  for (let n = 0; n < 400; n++) {
    const other = await ask(session)
    other.stream.close(constants.NGHTTP2_CANCEL)
    await closed(other.stream)
  }
  stream.end('still here')
  t.equal(await textOf(stream), 'hellostill here')
})

t.test('a service that stops ends them', async (t) => {
  const { service, open } = await run(t, (app) => echo(app))
  const session = await open()
  const { stream, status } = await ask(session)
  t.equal(status, 200)
  stream.resume()
  await Promise.all([closed(stream), service.stop()])
  t.ok(session.closed)
})

t.test('a handshake that announces content and trailers, and an answer that has none', async (t) => {
  const { open } = await run(t, (app) =>
    app.get('/live', { config: { guard: 'public' } }, (_request, reply) => reply.code(304).send()),
  )
  const session = await open()
  t.equal((await ask(session, { trailer: 'x-sum', 'content-length': '3' })).status, 304)
})

t.test('a service that takes its time hears of who has left meanwhile', async (t) => {
  const asked: (() => Duplex)[] = []
  const { open } = await run(t, (app) =>
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      asked.push(() => (agree(request, socket), socket))
    }),
  )
  const session = await open()
  const stream = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/live' })
  stream.on('error', () => undefined)
  t.ok(await eventually(() => asked.length === 1))
  stream.close(constants.NGHTTP2_CANCEL)
  await closed(stream)
  // What came after it has come: so has the end of this one.
  await new Promise((resolve) => session.ping(resolve))
  const socket = asked[0]?.()
  t.ok(await eventually(() => socket?.destroyed === true))
})

t.test('callers who take nothing do not keep others from coming', async (t) => {
  const { open } = await run(t, (app) => {
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      agree(request, socket)
      if (request.url === '/much') socket.write(Buffer.alloc(2 ** 20))
    })
  })
  const session = await open()
  for (let n = 0; n < 20; n++) t.equal((await ask(session, { ':path': '/much' })).status, 200)
  await new Promise((resolve) => session.ping(resolve))
  t.equal((await ask(session)).status, 200)
})
