import http2, { type OutgoingHttpHeaders } from 'node:http2'
import { connect } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { isDeaf } from '../harness/is-deaf.ts'
import { Frames } from './http2-frames.ts'
import { readBody, sendJson, type Seen } from './fake-upstream.ts'
import { answerOf, ask, open, rigWith, type Got } from './http2-rig.ts'

t.test('many requests on one connection, each with its own answer', async (t) => {
  // Few connections, made without haste: a busy machine is not what this is about.
  const patient = 'upstreams: { orders: { concurrency: { max: 4, wait: 20s }, timeouts: { connect: 10s } } }'
  const { rig, session } = await rigWith(t, patient)
  rig.services.orders.answer = (request, response) =>
    sendJson(
      response,
      200,
      { url: request.url },
      { connection: 'x-a', 'x-a': '1', 'keep-alive': 'timeout=5' },
    )
  const answers = await Promise.all(
    Array.from({ length: 110 }, (_, at) => ask(rig, session, { ':path': `/api/orders/o-${at}` })),
  )
  for (const [at, answer] of answers.entries())
    t.match(answer, { status: 200, text: `{"url":"/api/orders/o-${at}"}`, reset: 0 })
  t.match(answers[0]?.headers, {
    'x-request-id': /^txn_/,
    'cache-control': 'no-store',
    connection: undefined,
    'keep-alive': undefined,
  })
  const { headers, rawHeaders } = rig.services.orders.seen[0] ?? {}
  t.match(headers, {
    'x-forwarded-host': rig.host,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': /127\.0\.0\.1|::1/,
  })
  t.notOk(rawHeaders?.some((name) => name.startsWith(':')))
  t.match((await rig.lines())[0], { status: 200, address: /127\.0\.0\.1|::1/ })
})

const onEveryProblem = {
  'content-type': 'application/problem+json',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': /max-age/,
  'x-content-type-options': 'nosniff',
}

t.test('the same checks as on HTTP/1.1', async (t) => {
  const { rig, session } = await rigWith(t)
  const warnings: Error[] = []
  const warned = (warning: Error) => void warnings.push(warning)
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const cases: readonly (readonly [OutgoingHttpHeaders, number, string])[] = [
    [{ authorization: 'Bearer x' }, 401, 'invalid_token'],
    [{ ':path': '/api/../api/orders' }, 400, 'invalid_path'],
    [{ ':path': '/nothing' }, 404, 'not_found'],
    [{ ':method': 'DELETE' }, 405, 'method_not_allowed'],
    [{ ':method': 'BREW' }, 400, 'invalid_request'],
    [{ ':method': 'BREW', 'content-type': 'text/plain', expect: '100-continue' }, 400, 'invalid_request'],
    [{ ':authority': 'foreign.test' }, 421, 'unknown_host'],
    [{ host: 'foreign.test' }, 421, 'unknown_host'],
    [{ ':authority': rig.host, host: 'foreign.test' }, 400, 'invalid_host'],
    [{ 'x-much': 'a'.repeat(17_000) }, 431, 'headers_too_large'],
    [{ ':path': `/${'a'.repeat(9000)}` }, 414, 'uri_too_long'],
    [{ expect: '200-maybe' }, 417, 'expectation_failed'],
  ]
  for (const [headers, status, code] of cases) {
    const answer = await ask(rig, session, headers)
    t.match(answer, { status, reset: 0, headers: onEveryProblem }, code)
    t.match(JSON.parse(answer.text), { code, txn: answer.headers['x-request-id'] ?? 'none' }, code)
  }
  t.equal(rig.reached(), 0)
  t.match(
    await rig.lines(),
    cases.map(([{ ':method': method = 'GET' }, status, code]) => ({ method, status, code })),
    'a line for each',
  )
  t.same(warnings, [], 'nothing on stderr about headers that HTTP/2 does not have')
})

t.test(
  'what HTTP/2 says of the request line is no header line: a long URL leaves the headers their room',
  async (t) => {
    const tight = `
routes:
  - { id: tight, match: { path: /tight, methods: [GET] }, authn: none, limits: { headers: 300B }, upstream: orders }
`
    const { rig, session } = await rigWith(t, tight)
    const url = 'a'.repeat(7_000)
    const near = { 'x-much': 'a'.repeat(14_000) }
    t.match(
      await ask(rig, session, { ':path': `/healthz?${url}`, ...near }),
      { status: 200 },
      "the gateway's own",
    )
    t.match(
      await ask(rig, session, { ':path': `/tight?${url}`, authorization: undefined }),
      { status: 200 },
      "the route's",
    )
    t.match(
      await ask(rig, session, { ':path': '/tight', authorization: undefined, 'x-much': 'a'.repeat(300) }),
      { status: 431 },
    )
  },
)

t.test('HEAD, answers without a body, and pages of the gateway itself', async (t) => {
  const { rig, session } = await rigWith(t)
  rig.services.orders.answer = (request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '12' }).end()
    else response.writeHead(304, { etag: '"a"' }).end()
  }
  const head = await ask(rig, session, { ':method': 'HEAD' })
  t.match(head, { status: 200, text: '', reset: 0, headers: { 'content-length': '12' } })
  t.match(await ask(rig, session), { status: 304, text: '', reset: 0, headers: { etag: '"a"' } })
  t.match(await ask(rig, session, { ':path': '/healthz' }), { status: 200, text: '{"status":"ok"}' })
  t.match(await ask(rig, session, { ':path': '/' }), { status: 200, text: /<!doctype html>/ })
  t.match(await ask(rig, session, { ':path': '/auth/session' }), { status: 401 })
})

t.test('bodies: with and without a length, and too long', async (t) => {
  const { rig, session } = await rigWith(t)
  const post = async (body: string, headers: OutgoingHttpHeaders = {}): Promise<Got> => {
    const stream = open(
      rig,
      session,
      { ':method': 'POST', 'content-type': 'application/json', ...headers },
      false,
    )
    stream.end(body)
    return answerOf(stream)
  }
  t.match(await post('{"a":1}'), { status: 200 })
  t.match(rig.services.orders.only(), { body: '{"a":1}', aborted: false })
  t.match(await post('{"a":1}', { 'content-length': '7' }), { status: 200 })
  t.match(rig.services.orders.only(), { body: '{"a":1}', headers: { 'content-length': '7' } })
  t.match(await post('{"a":1}', { expect: '100-continue' }), { status: 200 })
  rig.services.orders.only()
  t.match(await post('a'.repeat(70_000)), { status: 413 }, 'counted on its way')
  rig.services.orders.seen.splice(0)
  t.match(await post('a'.repeat(70_000), { 'content-length': '70000' }), { status: 413 }, 'by what it says')
  const false5 = await post('{"a":1}', { 'content-length': '5' })
  t.match(false5, { status: Number.NaN, text: '' }, 'a false length is refused by the protocol')
  await until(() => rig.services.orders.seen.every(({ aborted }) => aborted))
})

const post = {
  ':method': 'POST',
  ':scheme': 'https',
  ':path': '/api/orders',
  'content-type': 'application/json',
}

t.test('a body that breaks off never looks whole', async (t) => {
  const { rig, ca } = await rigWith(t)
  const seen: Seen[] = []
  const ended: string[] = []
  rig.services.orders.answer = (request, _response, one) => {
    seen.push(one)
    readBody(request, one, () => ended.push(one.body))
  }
  const head = { ':authority': rig.host, ...post, authorization: `Bearer ${rig.issuer.token()}` }
  for (const how of ['cancelled', 'reset without an error', 'gone'] as const) {
    const frames = await Frames.connect(rig.port, ca)
    const before = seen.length
    frames.headers(1, head, false)
    frames.data(1, '{"sku":"oak"}')
    await until(() => seen.length > before)
    if (how === 'gone') frames.socket.destroy()
    else frames.reset(1, how === 'cancelled' ? http2.constants.NGHTTP2_CANCEL : 0)
    await until(() => seen.at(-1)?.aborted === true)
    frames.socket.destroy()
    t.same(ended, [], `${how}: the service saw it break off`)
  }
  await until(() => rig.log.requests().length === 3)
  t.match(rig.log.requests(), [{ status: 499 }, { status: 499 }, { status: 499 }])
})

t.test('an answer that breaks off is reset', async (t) => {
  const { rig, session } = await rigWith(t)
  rig.services.orders.answer = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('half')
    setTimeout(() => request.socket.destroy(), 30)
  }
  t.match(await ask(rig, session), {
    status: 200,
    text: 'half',
    reset: http2.constants.NGHTTP2_INTERNAL_ERROR,
  })
  rig.services.orders.answer = undefined
  t.match(await ask(rig, session), { status: 200, reset: 0 }, 'and the connection is as good as before')
})

t.test('who does not read holds up nobody else, and bounds what is kept for it', async (t) => {
  const { rig, session } = await rigWith(t)
  let sent = 0
  rig.services.orders.answer = (request, response) => {
    if (request.url !== '/api/orders') return sendJson(response, 200, {})
    response.writeHead(200, { 'content-type': 'text/plain' })
    const more = (): void => {
      while (sent < 64_000_000 && response.write('a'.repeat(64_000))) sent += 64_000
      if (sent < 64_000_000) response.once('drain', more)
    }
    more()
  }
  const slow = open(rig, session, {})
  slow.pause()
  await sleep(300)
  t.match(await ask(rig, session, { ':path': '/api/orders/o-1' }), { status: 200 })
  t.ok(sent < 16_000_000, `${sent} bytes were taken from the service`)
  slow.close(http2.constants.NGHTTP2_CANCEL)
})

t.test('a caller that leaves ends the request at the service', async (t) => {
  const { rig, session } = await rigWith(t)
  let closed = false
  rig.services.orders.answer = (_request, response) => void response.once('close', () => (closed = true))
  const stream = open(rig, session, {})
  await until(() => rig.reached() === 1)
  stream.close(http2.constants.NGHTTP2_CANCEL)
  await until(() => closed)
  t.ok(closed, 'the service was told')
})

t.test('rapid reset: the connection is closed, and the others are served', async (t) => {
  const { rig, session, ca } = await rigWith(t)
  const attacker = await Frames.connect(rig.port, ca)
  const head = { ':method': 'GET', ':scheme': 'https', ':path': '/api/orders', ':authority': rig.host }
  for (let at = 0; at < 10_000; at++) {
    attacker.headers(2 * at + 1, head, true)
    attacker.reset(2 * at + 1, http2.constants.NGHTTP2_CANCEL)
  }
  await until(() => attacker.closed)
  t.match(await ask(rig, session), { status: 200 })
  t.ok(rig.log.requests().length < 5_000, `${rig.log.requests().length} requests of 10,000 were looked at`)
})

t.test('interim answers, streams, and their end with the authority', async (t) => {
  const more = `
routes:
  - { id: feed, match: { path: /feed, methods: [GET] }, authn: [bearer], authz: { scopes: [orders:read] }, token: { scopes: [orders:read] }, stream: true, upstream: orders }
`
  const { rig, session } = await rigWith(t, more)
  rig.services.orders.answer = (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  }
  const stream = open(rig, session, { ':path': '/feed' })
  const hints: unknown[] = []
  stream.on('headers', (headers) => hints.push(headers[':status']))
  const first = await new Promise((resolve) => stream.once('data', resolve))
  t.equal(String(first), 'data: 1\n\n')
  t.same(hints, [103])
  rig.clock.advance(3_600_000)
  await until(() => stream.closed)
  t.ok(stream.closed, 'it ended with its token')
})

t.test('what is not spoken: CONNECT, and WebSockets, which stay on HTTP/1.1', async (t) => {
  const { rig, session, ca } = await rigWith(t)
  t.not(session.remoteSettings.enableConnectProtocol, true)
  const connecting = session.request({ ':method': 'CONNECT', ':authority': 'localhost:1' })
  connecting.on('error', () => undefined)
  connecting.end()
  const refused = await answerOf(connecting)
  t.match(refused, { status: 400, reset: 0, headers: { 'content-type': 'application/problem+json' } })
  t.match(JSON.parse(refused.text), { code: 'invalid_path' }, 'its target is no path, as on HTTP/1.1')
  const protocol = await new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port: rig.port, ca, ALPNProtocols: ['http/1.1'] }, () => {
      resolve(socket.alpnProtocol)
      socket.destroy()
    }).on('error', reject)
  })
  t.equal(protocol, 'http/1.1')
})

t.test('closing lets what is under way finish', async (t) => {
  const { rig, session } = await rigWith(t)
  let finish = (): void => undefined
  rig.services.orders.answer = (_request, response) => (finish = () => sendJson(response, 200, {}))
  const answer = ask(rig, session)
  await until(() => rig.reached() === 1)
  const stopped = rig.gateway.stop()
  await until(() => isDeaf(rig.port))
  finish()
  t.match(await answer, { status: 200, reset: 0 })
  await stopped
  await until(() => session.closed)
  t.ok(session.closed)
})
