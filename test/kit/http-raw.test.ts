import net from 'node:net'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import t from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import type { FastifyInstance } from 'fastify'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { bodyOf, libraryWords, sendRaw, serve } from './http-fixture.ts'

const close = 'connection: close\r\n\r\n'

/** Counts what reaches a handler: a refused request must not. */
function counting(): { readonly register: (app: FastifyInstance) => void; calls(): number } {
  let calls = 0
  const handler = (): string => {
    calls += 1
    return 'ok'
  }
  return {
    register: (app) => {
      app.get('/', handler)
      app.post('/', handler)
      app.get('/slow', async () => {
        await new Promise((resolve) => setTimeout(resolve, 300))
        return handler()
      })
    },
    calls: () => calls,
  }
}

t.test('exactly one valid Host', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  const refused = [
    '',
    'host: a\r\nhost: a\r\n',
    'host: a\r\nHost: b\r\n',
    'host: \r\n',
    'host: user@a\r\n',
    'host: a b\r\n',
    'host: a/b\r\n',
    'host: a,b\r\n',
    'host: a:\r\n',
    'host: a:123456\r\n',
    'host: [::1\r\n',
  ]
  for (const lines of refused) {
    const answer = await sendRaw(port, `GET / HTTP/1.1\r\n${lines}${close}`)
    t.match(answer, /^HTTP\/1\.1 400 /, JSON.stringify(lines))
    t.match(bodyOf(answer), { code: 'invalid_host', txn: /^txn_/ })
  }
  t.match(await sendRaw(port, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 400 /, 'HTTP/1.0 as well')
  t.equal(count.calls(), 0)
  for (const host of ['localhost', 'a.example:3000', '127.0.0.1', '[::1]:3000', 'A-B_c']) {
    t.match(await sendRaw(port, `GET / HTTP/1.1\r\nhost: ${host}\r\n${close}`), /^HTTP\/1\.1 200 /, host)
  }
})

t.test('only targets in origin form', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  for (const target of ['http://a/', 'http://b/', '*', 'x']) {
    const answer = await sendRaw(port, `GET ${target} HTTP/1.1\r\nhost: a\r\n${close}`)
    t.match(answer, /^HTTP\/1\.1 400 /, target)
    t.notMatch(withoutTxn(answer), libraryWords)
  }
  t.equal(count.calls(), 0)
})

t.test('Expect: 100-continue is met, everything else is 417', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n'
  const answer = await sendRaw(port, `${head}expect: 200-ok\r\n${close}{}`)
  t.match(answer, /^HTTP\/1\.1 417 /)
  t.match(bodyOf(answer), { code: 'expectation_failed' })
  t.equal(count.calls(), 0)
  t.match(
    await sendRaw(port, `${head}expect: 100-continue\r\n${close}`, '{}'),
    /^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s,
  )
})

t.test('headers and URLs that are too large', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  const cases: readonly (readonly [string, string, number, string])[] = [
    [`/?${'x'.repeat(9000)}`, '', 414, 'uri_too_long'],
    [`/?${'x'.repeat(60_000)}`, '', 414, 'uri_too_long'],
    ['/', `x: ${'y'.repeat(17_000)}\r\n`, 431, 'headers_too_large'],
    ['/', `x: ${'y'.repeat(60_000)}\r\n`, 431, 'headers_too_large'],
    ['/', 'x: y\r\n'.repeat(250), 431, 'headers_too_large'],
    ['/', 'a:\r\n'.repeat(2500), 431, 'headers_too_large'],
  ]
  for (const [target, lines, status, code] of cases) {
    const answer = await sendRaw(port, `GET ${target} HTTP/1.1\r\nhost: a\r\n${lines}${close}`)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${target.length} ${lines.length}`)
    t.match(bodyOf(answer), { code, status })
  }
  t.equal(count.calls(), 0)
})

/** Over TLS at most 16 kB come at a time, so the parser gives up over a part that does not show what it belongs to. */
t.test('headers and URLs that are too large come in parts, too', async (t) => {
  const now = new Date()
  const trustDomain = 'gatehouse.test'
  const ca = createCa({ trustDomain, days: 1, now })
  const { certPem: cert, keyPem: key } = issueWorkload({
    ca,
    trustDomain,
    name: 'a',
    hosts: [],
    days: 1,
    now,
  })
  const count = counting()
  const { port } = await serve(t, count.register, { https: { cert, key } })
  const short = 'host: a\r\n'
  const cases: readonly (readonly [string, string, string])[] = [
    [`/?${'x'.repeat(25_000)}`, short, 'uri_too_long'],
    [`/?${'x'.repeat(70_000)}`, short, 'uri_too_long'],
    [`/?${'x'.repeat(24_000)}`, `host: a\r\nx: ${'y'.repeat(2_000)}\r\n`, 'uri_too_long'],
    ['/', `host: a\r\nx: ${'y'.repeat(25_000)}\r\n`, 'headers_too_large'],
    ['/', `host: a\r\nx: ${'y'.repeat(70_000)}\r\n`, 'headers_too_large'],
    ['/', `x: ${'y'.repeat(70_000)}`, 'headers_too_large'],
  ]
  for (const [target, lines, code] of cases) {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.write(`GET ${target} HTTP/1.1\r\n${lines}${lines.endsWith('\n') ? close : ''}`)
    t.match(bodyOf(await text(socket)), { code }, `${target.length} ${lines.length}`)
  }
  t.equal(count.calls(), 0)
})

t.test('what the parser refuses is 400 problem details, and the connection ends', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  const refused = [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n z\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +2\r\n\r\n{}',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}',
  ]
  for (const bytes of refused) {
    const answer = await sendRaw(port, bytes)
    t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/, JSON.stringify(bytes.slice(0, 60)))
    t.match(answer, /content-type: application\/problem\+json/)
    t.match(answer, /x-content-type-options: nosniff/)
    t.notMatch(withoutTxn(answer), libraryWords)
  }
  t.equal(count.calls(), 0)
})

t.test('a bad message behind good ones is refused when they have been answered', async (t) => {
  const { port } = await serve(t, counting().register)
  const slow = 'GET /slow HTTP/1.1\r\nhost: a\r\n\r\n'
  const longer =
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}more'
  for (const [bytes, statuses] of [
    [`${slow}nonsense\r\n\r\n`, ['200', '400']],
    [`${slow}${slow}nonsense\r\n\r\n`, ['200', '200', '400']],
    [`${slow}${slow.replace('host', 'ho st')}`, ['200', '400']],
    [longer, ['200', '400']],
  ] as const) {
    const answer = await sendRaw(port, bytes, 'more nonsense\r\n\r\n')
    t.same(answer.match(/(?<=HTTP\/1\.1 )\d{3}/g), statuses, JSON.stringify(bytes))
    t.match(answer, /\r\n\r\nok.*HTTP\/1\.1 400 .*connection: close\r\n/s)
  }
})

t.test('a CONNECT is 400, like every target that is no path', async (t) => {
  const count = counting()
  const { port } = await serve(t, count.register)
  const answer = await sendRaw(port, 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n')
  t.match(answer, /^HTTP\/1\.1 400 .*connection: close\r\n/s)
  t.match(bodyOf(answer), { code: 'invalid_path', txn: /^txn_/ })
  t.equal(count.calls(), 0)
})

t.test('slow headers and slow bodies end with 408', async (t) => {
  const { port } = await serve(t, counting().register, { limits: { requestTimeoutMs: 200 } })
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n'
  for (const start of ['GET / HTTP/1.1\r\nhos', `${head}\r\n{`]) {
    const answer = await sendRaw(port, start)
    t.match(answer, /^HTTP\/1\.1 408 /)
    t.match(bodyOf(answer), { code: 'request_timeout' })
  }
})

t.test('who does not come to a TLS handshake is let go as early as who sends no headers', async (t) => {
  const { certPem: cert, keyPem: key } = createCa({ trustDomain: 'gatehouse.test', days: 1, now: new Date() })
  const { port } = await serve(t, counting().register, {
    limits: { requestTimeoutMs: 200 },
    https: { cert, key },
  })
  // Nothing at all, and the beginning of a ClientHello.
  for (const start of ['', '\u0016\u0003\u0001\u0002']) t.equal(await sendRaw(port, start), '')
})

t.test('closing lets requests in flight finish and does not wait for idle connections', async (t) => {
  const { app, port } = await serve(t, counting().register)
  const idle = net.connect(port, '127.0.0.1')
  await new Promise((resolve) => idle.once('connect', resolve))
  const came = new Promise((resolve) => app.server.once('request', resolve))
  const busy = net.connect(port, '127.0.0.1')
  busy.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n')
  await came
  const begin = performance.now()
  const [answer] = await Promise.all([text(busy), app.close()])
  t.match(answer, /^HTTP\/1\.1 200 .*ok$/s)
  t.ok(performance.now() - begin < 20_000, 'an idle connection is kept for a minute')
  idle.destroy()
})
