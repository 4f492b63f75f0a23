import { request } from 'node:http'
import t from 'tap'
import { sendRaw, statuses } from './client.ts'
import { startRig, type Rig } from './rig.ts'

const lines = (rig: Rig, first: string, more: readonly string[], body = '') =>
  [first, `host: ${rig.host}`, `authorization: Bearer ${rig.issuer.token()}`, ...more, '', body].join('\r\n')

t.test('early hints reach the caller, with their links and nothing else', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload', 'x-powered-by': 'secret stack' })
    setTimeout(() => response.end('{}'), 20)
  }
  const hints: unknown[] = []
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${rig.issuer.token()}` }
    request({ host: 'localhost', port: rig.port, path: '/api/orders', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
      .on('information', (info) => hints.push([info.statusCode, info.headers]))
      .on('error', reject)
      .end()
  })
  t.equal(status, 200)
  t.same(hints, [[103, { link: '</a.css>; rel=preload' }]])
})

t.test('HTTP/1.0 gets the answer alone', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    response.writeHead(200, { 'content-length': 2 }).end('{}')
  }
  t.same(statuses(await sendRaw(rig.port, lines(rig, 'GET /api/orders HTTP/1.0', []))), [200])
})

t.test('interim answers without an end are no answer', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.raw = (socket) => {
    socket.once('data', () => {
      const more = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 1)
      socket.once('close', () => clearInterval(more))
    })
  }
  const answer = await sendRaw(rig.port, lines(rig, 'GET /api/orders HTTP/1.1', []), 1000)
  t.equal(statuses(answer).at(-1), 502)
  t.ok(statuses(answer).length < 25)
})

t.test('Expect: 100-continue is answered here, and the body passes', async (t) => {
  const rig = await startRig(t)
  const body = '{"sku":"oak"}'
  const more = ['content-type: application/json', `content-length: ${body.length}`, 'expect: 100-continue']
  const answer = await sendRaw(rig.port, lines(rig, 'POST /api/orders HTTP/1.1', more, body))
  t.equal(statuses(answer).at(-1), 200, answer)
  const seen = rig.services.orders.only()
  t.equal(seen.body, body)
  t.notOk('expect' in seen.headers)
  t.same(statuses(await sendRaw(rig.port, lines(rig, 'POST /api/orders HTTP/1.1', ['expect: tea']))), [417])
})

t.test('a refused request with an expectation is refused before its body is asked for', async (t) => {
  const rig = await startRig(t)
  const more = ['content-length: 5', 'expect: 100-continue']
  const text = lines(rig, 'POST /api/orders HTTP/1.1', more).replace(/Bearer .*/, 'Bearer x')
  const answer = await sendRaw(rig.port, text)
  t.same(statuses(answer), [401])
  t.match(answer, /connection: close/i, 'nobody can tell whether it still comes')
})

t.test('trailers of the caller go no further, those of the service neither', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (incoming, response, seen) => {
    incoming.resume().on('end', () => {
      seen.trailers = incoming.trailers
      response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-sum' })
      response.write('whole')
      response.addTrailers({ 'x-sum': '1' })
      response.end()
    })
  }
  const chunked = '4\r\nbody\r\n0\r\nx-user: admin\r\nauthorization: Bearer forged\r\n\r\n'
  const more = ['transfer-encoding: chunked', 'trailer: x-user']
  const answer = await sendRaw(rig.port, lines(rig, 'POST /api/orders HTTP/1.1', more, chunked))
  t.match(answer, /5\r\nwhole\r\n0\r\n\r\n$/)
  t.notMatch(answer, /x-sum/)
  const seen = rig.services.orders.only()
  t.same(seen.trailers, {})
  t.notMatch(seen.headers.authorization, /forged/)
})

t.test('HEAD: the length of what GET would answer, and no byte of it', async (t) => {
  const rig = await startRig(t)
  rig.services.orders.answer = (_request, response) => response.writeHead(200, { 'content-length': 50 }).end()
  const answer = await sendRaw(rig.port, lines(rig, 'HEAD /api/orders HTTP/1.1', []))
  t.match(answer, /content-length: 50\r\n/)
  t.match(answer, /\r\n\r\n$/)
  t.equal(rig.services.orders.only().method, 'HEAD')
})
