import type { TLSSocket } from 'node:tls'
import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import { eventually } from '../harness/eventually.ts'
import { sendRaw } from './client.ts'
import { startRig, type Rig } from './rig.ts'
import { bareHeads, broken, goesOn, head, says, unusable } from './upstream-faults.ts'

const get = (rig: Rig) =>
  `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n\r\n`

t.test('an answer that cannot be used is 502', async (t) => {
  const rig = await startRig(t)
  for (const [what, bytes] of Object.entries(unusable)) {
    says(rig, bytes, (socket) => socket.end())
    const answer = await rig.call({ path: '/api/orders' })
    t.match([answer.status, answer.json['code']], [502, 'bad_gateway'], what)
    t.notMatch(withoutTxn(answer.text), /localhost|127\.0|undici|Parser|HPE|spiffe/i, what)
  }
})

t.test('a service that closes or resets before it answers is 502', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.raw = (socket) => socket.once('data', () => socket.end())
  t.equal((await rig.call({ path: '/api/orders' })).status, 502)
  rig.services.orders.raw = (socket) => socket.once('data', () => rig.services.orders.reset(socket))
  t.equal((await rig.call({ path: '/api/orders' })).status, 502)
})

t.test('nobody there is 503, without saying where', async (t) => {
  const rig = await startRig(t)
  await rig.services.orders.stop()
  const answer = await rig.call({ path: '/api/orders' })
  t.match([answer.status, answer.json['code']], [503, 'upstream_unavailable'])
  t.type(answer.json['txn'], 'string')
  t.notMatch(withoutTxn(answer.text), /localhost|127\.0|::1|ECONN|\d{5}/)
  t.match(
    (await rig.lines()).at(-1),
    { status: 503, upstream: 'orders', reason: 'ECONNREFUSED' },
    'the log says why',
  )
})

t.test('an answer that breaks off never looks whole', async (t) => {
  for (const [what, bytes] of Object.entries(broken)) {
    // Otherwise the circuit breaker would answer the later ones.
    const rig = await startRig(t)
    for (const end of ['closes', 'resets']) {
      const finish = (socket: TLSSocket) =>
        end === 'closes' ? socket.end() : rig.services.orders.reset(socket)
      says(rig, bytes, (socket) => setTimeout(finish, 30, socket))
      const answer = await sendRaw(rig.port, get(rig))
      t.match(answer, /^HTTP\/1\.1 200 OK[^]*hello/, `${what}: it had begun`)
      t.notMatch(answer, /\r\n0\r\n\r\n$/, `${what}, ${end}: no last chunk`)
      await t.rejects(rig.call({ path: '/api/orders' }), `${what}, ${end}: a client sees that it broke`)
    }
    t.match(
      (await rig.lines(4)).at(-1),
      { status: 200, code: 'bad_gateway' },
      `${what}: the log tells of both`,
    )
  }
})

t.test(
  'a service that breaks off after the head of its answer is 502, not a connection that closes without a word',
  async (t) => {
    for (const [what, bytes] of Object.entries(bareHeads)) {
      const rig = await startRig(t)
      for (const end of ['closes', 'resets']) {
        const finish = (socket: TLSSocket) =>
          end === 'closes' ? socket.end() : rig.services.orders.reset(socket)
        says(rig, bytes, (socket) => setTimeout(finish, 30, socket))
        for (const body of [{}, { method: 'POST', body: '{}' }]) {
          const answer = await rig.call({ path: '/api/orders', ...body })
          t.match([answer.status, answer.json['code']], [502, 'bad_gateway'], `${what}, ${end}`)
        }
      }
      t.match((await rig.lines(4)).at(-1), { status: 502, code: 'bad_gateway' }, `${what}: so does the log`)
    }
  },
)

t.test('a service that is silent after the head of its answer is 504', async (t) => {
  const rig = await startRig(t, { config: 'routes:\n  - { id: orders.list, limits: { timeout: 300ms } }' })
  for (const [what, bytes] of Object.entries(bareHeads)) {
    says(rig, bytes)
    const answer = await rig.call({ path: '/api/orders' })
    t.match([answer.status, answer.json['code']], [504, 'gateway_timeout'], what)
  }
})

t.test('more bytes than stated are not passed on', async (t) => {
  const rig = await startRig(t)
  says(rig, `${head}content-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad`)
  const answer = await sendRaw(rig.port, get(rig))
  t.match(answer, /\r\n\r\nhello$/)
  rig.services.orders.raw = undefined
  const next = await rig.call({ path: '/api/orders' })
  t.same(next.json, { ok: true }, 'nor taken for the next answer')
})

t.test('a service that is silent is 504 at the deadline of the route', async (t) => {
  const rig = await startRig(t, { config: 'routes:\n  - { id: orders.list, limits: { timeout: 3s } }' })
  let closed = 0
  rig.services.orders.raw = (socket) => socket.once('close', () => closed++).resume()
  const started = performance.now()
  const answer = await rig.call({ path: '/api/orders' })
  t.match([answer.status, answer.json['code']], [504, 'gateway_timeout'])
  t.ok(performance.now() - started < 15_000, 'not after those of the service')
  t.ok(await eventually(() => closed === 1), 'its connection is given up')
})

t.test('a service that trickles is cut at the deadline, not strung along', async (t) => {
  const rig = await startRig(t, { config: 'routes:\n  - { id: orders.list, limits: { timeout: 3s } }' })
  goesOn(rig, `${head}content-length: 1000\r\n\r\n`, 'x', 20)
  const started = performance.now()
  await t.rejects(rig.call({ path: '/api/orders' }))
  t.ok(performance.now() - started < 15_000)
})

t.test('a header without end: slowly 504, fast 502', async (t) => {
  const rig = await startRig(t, { config: 'routes:\n  - { id: orders.list, limits: { timeout: 3s } }' })
  goesOn(rig, head, 'x-a: b\r\n', 20)
  const answer = await rig.call({ path: '/api/orders' })
  t.match([answer.status, answer.json['code']], [504, 'gateway_timeout'], 'a header without end, slowly')
  goesOn(rig, head, `x-a: ${'a'.repeat(10_000)}\r\n`, 20)
  const fast = await rig.call({ path: '/api/orders' })
  t.match([fast.status, fast.json['code']], [502, 'bad_gateway'], 'a header without end, fast')
})

t.test('a broken connection: a GET is repeated once, a POST never, an answer never', async (t) => {
  const rig = await startRig(t)
  let requests: string[] = []
  rig.services.orders.raw = (socket) =>
    socket.on('data', (data: Buffer) => {
      requests.push(data.toString('latin1').split(' ')[0] ?? '')
      socket.end()
    })
  await rig.call({ path: '/api/orders' })
  t.same(requests, ['GET', 'GET'])
  requests = []
  for (const body of ['{}', ''])
    t.equal((await rig.call({ method: 'POST', path: '/api/orders', body })).status, 502)
  t.same(requests, ['POST', 'POST'], 'two were asked, two were sent')
  rig.services.orders.raw = undefined
  rig.services.orders.answer = (_request, response) => response.writeHead(503, { 'content-length': 0 }).end()
  t.equal((await rig.call({ path: '/api/orders' })).status, 503)
  t.equal(rig.services.orders.seen.length, 1, 'a 503 is an answer')
})

t.test('a service that proves to be another one gets no request', async (t) => {
  const rig = await startRig(t, { config: 'upstreams: { orders: { identity: users } }' })
  const answer = await rig.call({ path: '/api/orders' })
  t.match([answer.status, answer.json['code']], [502, 'bad_gateway'])
  t.equal(rig.reached(), 0)
  t.match((await rig.lines()).at(-1), { reason: 'WRONG_IDENTITY' }, 'the log says why')
})
