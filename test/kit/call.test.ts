import net from 'node:net'
import t from 'tap'
import { CallError, type Caller, type CallRequest } from '@gatehouse/kit'
import { createCall } from '@gatehouse/kit/call'
import { callerOf } from '@gatehouse/kit/guard/caller'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { FakeDoor, sendJson, type DoorHandler } from '../harness/door.ts'
import { createTrust, internalClaims, internalToken, trustDomain } from '../harness/internal.ts'
import { freePort } from '../harness/ports.ts'

const trust = await createTrust(t.testdir())
const door = await FakeDoor.start(trust)
const connect = (origin: string) =>
  createMtlsClient({
    material: trust.workload('orders'),
    expected: spiffeId(trustDomain, 'gateway'),
    origin,
    connectTimeoutMs: 15_000,
  })
const pool = connect(door.origin)
const call = createCall({ door: pool, maxAnswerBytes: 10_000 })
t.teardown(async () => {
  await pool.destroy()
  await door.stop()
})
t.beforeEach(() => {
  door.requests.length = 0
})

const claims = internalClaims({ aud: 'orders', scope: 'users:read inventory:reserve' })
const caller: Caller = callerOf(claims, internalToken(trust, claims))
const get = (handler: DoorHandler, request: Partial<CallRequest> = {}) => {
  door.handler = handler
  return call(caller, 'users', { method: 'GET', path: '/api/users/me', ...request })
}
const ok: DoorHandler = (_request, response) => sendJson(response, 200, { id: 'acc-alice' })

t.test("it goes to the internal door, by the workload's certificate, with the caller's token", async (t) => {
  t.same(await get(ok), { status: 200, body: { id: 'acc-alice' } })
  t.match(door.requests, [
    {
      from: 'orders',
      method: 'GET',
      path: '/users/api/users/me',
      headers: { authorization: `Bearer ${caller.token}` },
      body: '',
    },
  ])
  const [seen] = door.requests
  t.notOk('gatehouse-scope' in (seen?.headers ?? {}), 'all that the edge lets through')
  t.notOk('traceparent' in (seen?.headers ?? {}))
})

t.test('a body, narrower scopes and the trace context go along', async (t) => {
  door.handler = (_request, response) => sendJson(response, 201, {})
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const answer = await call({ ...caller, traceparent }, 'inventory', {
    method: 'POST',
    path: '/reservations',
    body: { sku: 'oak-stool' },
    scopes: ['inventory:reserve', 'inventory:read'],
  })
  t.equal(answer.status, 201)
  t.match(door.requests.at(-1), {
    method: 'POST',
    path: '/inventory/reservations',
    headers: {
      'gatehouse-scope': 'inventory:reserve inventory:read',
      'content-type': 'application/json',
      traceparent,
    },
    body: '{"sku":"oak-stool"}',
  })
})

t.test("answers that are the callee's own business are values", async (t) => {
  for (const status of [200, 201, 400, 404, 409, 422]) {
    const answer = await get((_request, response) => {
      response
        .writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8' })
        .end('{"code":"x"}')
    })
    t.same(answer, { status, body: { code: 'x' } })
  }
  const empty = await get((_request, response) => void response.writeHead(204).end())
  t.same(empty, { status: 204, body: undefined })
})

const failures: readonly (readonly [code: string, status: number])[] = [
  ['refused', 401],
  ['refused', 403],
  ['unavailable', 429],
  ['unavailable', 500],
  ['unavailable', 502],
  ['unavailable', 503],
  ['timeout', 504],
  ['bad_answer', 302],
]
for (const [code, status] of failures) {
  t.test(`${status} is ${code}`, async (t) => {
    const answered = get((_request, response) => sendJson(response, status, { code: 'whatever' }))
    await t.rejects(answered, { name: 'CallError', code, status, to: 'users' })
    t.equal(door.requests.length, 1, 'asked once')
  })
}

t.test('an answer that is not JSON', async (t) => {
  const answers: readonly DoorHandler[] = [
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'),
    (_request, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(Buffer.from([0x22, 0xff, 0x22])),
    (_request, response) => void response.writeHead(200).end('{}'),
    (_request, response) => void response.writeHead(200, { 'content-type': 'application/jsonp' }).end('{}'),
  ]
  for (const handler of answers) await t.rejects(get(handler), { name: 'CallError', code: 'bad_answer' })
})

t.test('an answer that is too large is not read to its end', async (t) => {
  let written = 0
  const endless: DoorHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = () => {
      if (response.destroyed) return
      written += 1_000
      response.write('"'.padEnd(1_000, 'x'), () => setImmediate(more))
    }
    more()
  }
  await t.rejects(get(endless), { code: 'bad_answer' })
  t.ok(written < 5_000_000, `${written} bytes were written`)
  t.equal((await get(ok)).status, 200, 'and the next call works')
})

t.test('the deadline holds for headers and for the body', async (t) => {
  const silent: DoorHandler = () => undefined
  const slow: DoorHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const drip = setInterval(() => response.write(' '), 20)
    response.once('close', () => clearInterval(drip))
  }
  for (const handler of [silent, slow]) {
    const since = performance.now()
    await t.rejects(get(handler, { timeoutMs: 150 }), { name: 'CallError', code: 'timeout' })
    const took = performance.now() - since
    t.ok(took > 100 && took < 5_000, `${took} ms`)
  }
})

t.test('your own signal ends it, at once and before it begins', async (t) => {
  const abort = new AbortController()
  let gone: Promise<unknown> | undefined
  const waiting: DoorHandler = (_request, response) => {
    gone = new Promise((resolve) => response.once('close', () => resolve('closed')))
    abort.abort()
  }
  await t.rejects(get(waiting, { signal: abort.signal }), { code: 'aborted' })
  t.ok(gone !== undefined, 'it had arrived')
  t.equal(await gone, 'closed', 'and the other side hears of its end')
  door.requests.length = 0
  await t.rejects(get(ok, { signal: abort.signal }), { code: 'aborted' })
  t.equal(door.requests.length, 0)
})

t.test('a connection that breaks is never tried again: it may have arrived', async (t) => {
  const breaking: DoorHandler = (_request, response) => void response.destroy()
  await t.rejects(get(breaking), { code: 'unavailable' })
  t.equal(door.requests.length, 1)
})

t.test('what was not sent is tried again if it is safe', async (t) => {
  const port = await freePort()
  const elsewhere = connect(`https://127.0.0.1:${port}`)
  const toElsewhere = createCall({ door: elsewhere })
  const ask = (method: string) => toElsewhere(caller, 'users', { method, path: '/x' })
  await t.rejects(ask('POST'), { code: 'unavailable' })
  await t.rejects(ask('GET'), { code: 'unavailable' }, 'not for ever')

  const asking = ask('GET')
  const back = await FakeDoor.start(trust, { port })
  back.handler = ok
  t.equal((await asking).status, 200)
  await elsewhere.destroy()
  await back.stop()
})

t.test('a door that proves to be somebody else gets nothing', async (t) => {
  const imposter = await FakeDoor.start(trust, { identity: 'inventory' })
  const wrong = connect(imposter.origin)
  const asking = createCall({ door: wrong })(caller, 'users', { method: 'GET', path: '/x' })
  await t.rejects(asking, { code: 'unavailable' })
  t.equal(imposter.requests.length, 0)
  await wrong.destroy()
  await imposter.stop()
})

t.test('what speaks no HTTP', async (t) => {
  const server = net.createServer((socket) => socket.end('hello, who is there?\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const strange = connect(`https://127.0.0.1:${port}`)
  await t.rejects(createCall({ door: strange })(caller, 'users', { method: 'GET', path: '/x' }), CallError)
  await strange.destroy()
  server.close()
})

t.test('wrong use is a TypeError, and nothing is sent', async (t) => {
  const paths = [
    'x',
    '',
    '//x',
    '/../x',
    '/a/../b',
    '/a/..',
    '/./a',
    '/%2e%2e/x',
    '/a%2Fb',
    '/a\\b',
    '/a b',
    '/a#b',
    '/a\r\nx: y',
    '/ä',
    'https://evil/x',
  ]
  for (const path of paths) await t.rejects(get(ok, { path }), TypeError, JSON.stringify(path))
  for (const to of ['', '../users', 'users/x', 'Users', 'users ']) {
    await t.rejects(call(caller, to, { method: 'GET', path: '/x' }), TypeError, JSON.stringify(to))
  }
  for (const scopes of [[], [''], ['a b'], ['a\r\nx: y']]) await t.rejects(get(ok, { scopes }), TypeError)
  t.equal(door.requests.length, 0)
  t.equal(
    (await get(ok, { path: '/a..b/c.d?e=../%2e%2e' })).status,
    200,
    'dots elsewhere are nothing special',
  )
})

t.test('no error carries the token', async (t) => {
  try {
    await get((_request, response) => sendJson(response, 403, {}))
  } catch (error) {
    t.ok(error instanceof CallError)
    t.notOk(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(caller.token))
  }
})
