import { constants } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { until } from '../harness/eventually.ts'
import { sendJson } from './fake-upstream.ts'
import { answerOf, ask, open, rigWith } from './http2-rig.ts'
import { bareHeads, broken, goesOn, head, says, unusable } from './upstream-faults.ts'

/** What forward-faults.test.ts asks of HTTP/1.1, for callers who speak HTTP/2. */
const short = 'routes:\n  - { id: orders.list, limits: { timeout: 3s } }'

t.test('an answer that cannot be used is 502, and the stream ends well', async (t) => {
  const { rig, session } = await rigWith(t)
  for (const [what, bytes] of Object.entries(unusable)) {
    says(rig, bytes, (socket) => socket.end())
    const answer = await ask(rig, session)
    t.match(answer, { status: 502, reset: 0 }, what)
    t.match(JSON.parse(answer.text), { code: 'bad_gateway' }, what)
    t.notMatch(withoutTxn(answer.text), /localhost|127\.0|undici|Parser|HPE|spiffe/i, what)
  }
})

t.test('a service that closes or resets before it answers is 502', async (t) => {
  const { rig, session } = await rigWith(t)
  rig.services.orders.raw = (socket) => socket.once('data', () => socket.end())
  t.match(await ask(rig, session), { status: 502, reset: 0 })
  rig.services.orders.raw = (socket) => socket.once('data', () => rig.services.orders.reset(socket))
  t.match(await ask(rig, session), { status: 502, reset: 0 })
})

t.test('an answer that breaks off is reset, never ended', async (t) => {
  const { rig, session } = await rigWith(t)
  for (const [what, bytes] of Object.entries(broken)) {
    for (const end of ['closes', 'resets']) {
      const finish = (socket: TLSSocket) =>
        end === 'closes' ? socket.end() : rig.services.orders.reset(socket)
      says(rig, bytes, (socket) => setTimeout(finish, 30, socket))
      const answer = await ask(rig, session)
      t.match(answer, { status: 200, reset: constants.NGHTTP2_INTERNAL_ERROR }, `${what}, ${end}`)
    }
  }
  t.notOk(session.closed, 'other requests of the connection are none the worse')
})

t.test('a service that breaks off after the head of its answer is 502', async (t) => {
  const { rig, session } = await rigWith(t)
  for (const [what, bytes] of Object.entries(bareHeads)) {
    says(rig, bytes, (socket) => setTimeout(() => socket.end(), 30))
    t.match(await ask(rig, session), { status: 502, reset: 0 }, what)
  }
})

t.test('more bytes than stated are not passed on', async (t) => {
  const { rig, session } = await rigWith(t)
  says(rig, `${head}content-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad`)
  t.match(await ask(rig, session), { status: 200, text: 'hello', reset: 0 })
  rig.services.orders.raw = undefined
  t.match(await ask(rig, session), { status: 200, text: '{"ok":true}' }, 'nor taken for the next answer')
})

t.test('silence, and a header that trickles, are 504 at the deadline of the route', async (t) => {
  const { rig, session } = await rigWith(t, short)
  let closed = 0
  rig.services.orders.raw = (socket) => socket.once('close', () => closed++).resume()
  t.match(await ask(rig, session), { status: 504, reset: 0 })
  await until(() => closed === 1)
  goesOn(rig, head, 'x-a: b\r\n', 20)
  t.match(await ask(rig, session), { status: 504, reset: 0 })
})

t.test('a body that trickles is reset at the deadline', async (t) => {
  const { rig, session } = await rigWith(t, short)
  goesOn(rig, `${head}content-length: 100000\r\n\r\n`, 'x', 20)
  t.match(await ask(rig, session), { status: 200, reset: constants.NGHTTP2_INTERNAL_ERROR })
})

t.test('a POST is sent once, whatever becomes of it', async (t) => {
  const { rig, session } = await rigWith(t)
  const requests: string[] = []
  rig.services.orders.raw = (socket) =>
    socket.on('data', (data: Buffer) => {
      requests.push(data.toString('latin1').split(' ')[0] ?? '')
      socket.end()
    })
  t.match(await ask(rig, session, { ':method': 'POST' }), { status: 502, reset: 0 })
  t.same(requests, ['POST'])
})

t.test('a header twice that may come once only is 502, and so are those after it', async (t) => {
  const { rig, session } = await rigWith(t)
  const twice = `${head}etag: "a"\r\netag: "b"\r\ncontent-length: 5\r\n\r\nhello`
  says(rig, twice, (socket) => socket.end())
  for (const method of ['GET', 'GET', 'POST']) {
    const answer = await ask(rig, session, { ':method': method })
    t.match(answer, { status: 502, reset: 0, headers: { etag: undefined } }, method)
    t.match(JSON.parse(answer.text), { code: 'bad_gateway' })
  }
  t.match(await ask(rig, session, { ':path': '/healthz' }), { status: 200 })
})

t.test('a 204 that states a length arrives without it', async (t) => {
  const { rig, session } = await rigWith(t)
  says(rig, 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\netag: "a"\r\n\r\n')
  const answer = await ask(rig, session)
  t.match(answer, { status: 204, reset: 0, headers: { etag: '"a"' } })
  t.notOk('content-length' in answer.headers)
})

t.test('an empty body that ends in a frame of its own: it is the service that is late', async (t) => {
  const { rig, session } = await rigWith(t, 'routes:\n  - { id: orders.create, limits: { timeout: 3s } }')
  rig.services.orders.raw = (socket) => socket.resume()
  const stream = open(rig, session, { ':method': 'POST', 'content-length': '0' }, false)
  stream.end()
  t.match(await answerOf(stream), { status: 504, reset: 0 })
})

t.test('after an answer before the whole body has come its caller may send the rest', async (t) => {
  const { rig, session } = await rigWith(t)
  rig.services.orders.answer = (_request, response) => sendJson(response, 409, { taken: true })
  const stream = open(rig, session, { ':method': 'POST', 'content-type': 'application/json' }, false)
  stream.write('a'.repeat(1000))
  // More than the window of a stream.
  stream.once('end', () => stream.end('a'.repeat(200_000)))
  const late = sleep(15_000, 'open still', { ref: false })
  const answer = await Promise.race([answerOf(stream), late])
  t.match(answer, { status: 409, text: '{"taken":true}', reset: 0 })
})
