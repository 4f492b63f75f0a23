import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import http2 from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until } from '../harness/eventually.ts'
import { ReceivedRequests } from '../harness/received.ts'
import { statuses, sendRaw } from './client.ts'
import { startContractRig } from './contract-rig.ts'
import { answerOf, open, tls } from './http2-rig.ts'
import type { Rig } from './rig.ts'

const content = { 'application/json': { schema: { type: 'object', required: ['size'] } }, 'text/csv': {} }
const document = {
  openapi: '3.1.0',
  info: { title: 'things', version: '1' },
  paths: {
    '/v1/things': {
      get: {},
      post: { requestBody: { content } },
      put: { requestBody: { required: true, content } },
    },
  },
}

function rigWith(t: Test, more = ''): Promise<Rig> {
  return startContractRig(t, document, ["match: { path: '/v1/things', methods: [GET, POST, PUT] }"], more)
}

const json = 'content-type: application/json\r\n'
const noBody = '0\r\n\r\n'

function send(rig: Rig, method: string, headers: string, body: string): Promise<string> {
  const authorization = `authorization: Bearer ${rig.issuer.token()}\r\n`
  const head = `${method} /v1/things HTTP/1.1\r\nhost: ${rig.host}\r\n${authorization}connection: close\r\n`
  return sendRaw(rig.port, `${head}${headers}\r\n${body}`, 15_000)
}

t.test('a chunked body of nothing is no body', async (t) => {
  const rig = await rigWith(t)
  const required = '{"path":"","message":"the body is required"}'
  for (const type of ['', json, 'content-type: text/csv\r\n', 'content-type: text/plain\r\n']) {
    for (const [framing, body] of [
      ['content-length: 0\r\n', ''],
      ['transfer-encoding: chunked\r\n', noBody],
    ] as const) {
      const what = JSON.stringify(type + framing)
      const refused = await send(rig, 'PUT', type + framing, body)
      t.same(statuses(refused), [422], `${what} where one is required`)
      t.ok(refused.includes(required), what)
      t.equal(rig.reached(), 0)
      for (const method of ['POST', 'GET']) {
        t.same(statuses(await send(rig, method, type + framing, body)), [200], `${what} ${method}`)
        t.equal(rig.services.orders.only().body, '')
      }
    }
  }
})

t.test('one of something is held to the contract', async (t) => {
  const rig = await rigWith(t)
  const chunked = `${json}transfer-encoding: chunked\r\n`
  t.same(statuses(await send(rig, 'POST', chunked, `2\r\n{}\r\n${noBody}`)), [422])
  t.same(statuses(await send(rig, 'GET', chunked, `2\r\n{}\r\n${noBody}`)), [422])
  t.same(statuses(await send(rig, 'POST', 'transfer-encoding: chunked\r\n', `2\r\n{}\r\n${noBody}`)), [415])
  t.equal(rig.reached(), 0)
  t.same(statuses(await send(rig, 'POST', chunked, `a\r\n{"size":1}\r\n${noBody}`)), [200])
  t.equal(rig.services.orders.only().body, '{"size":1}')
  const csv = 'content-type: text/csv\r\ntransfer-encoding: chunked\r\n'
  t.same(statuses(await send(rig, 'POST', csv, `3\r\na;b\r\n3\r\n;c;\r\n${noBody}`)), [200])
  t.equal(rig.services.orders.only().body, 'a;b;c;')
})

t.test('in HTTP/2 its end may be a frame of its own', async (t) => {
  const rig = await rigWith(t, tls)
  const ca = readFileSync(`${rig.paths.certs}/ca.pem`)
  const session = http2.connect(`https://localhost:${rig.port}`, { ca })
  t.teardown(() => session.destroy())
  for (const [method, status] of [
    ['GET', 200],
    ['POST', 200],
    ['PUT', 422],
  ] as const) {
    const stream = open(rig, session, { ':method': method, ':path': '/v1/things' }, false)
    t.match(await answerOf(stream.end()), { status }, method)
  }
  t.equal(rig.reached(), 2)
})

t.test('a body is waited for, and not longer than for its caller', async (t) => {
  const rig = await rigWith(t)
  const received = new ReceivedRequests()
  t.teardown(() => received.stop())
  const begin = async (type: string) => {
    const before = received.at(rig.port).length
    const headers = { authorization: `Bearer ${rig.issuer.token()}`, 'content-type': type }
    const outgoing = request({ port: rig.port, method: 'POST', path: '/v1/things', headers })
    outgoing.on('error', () => undefined).flushHeaders()
    await until(() => received.at(rig.port).length > before)
    return outgoing
  }
  for (const type of ['application/json', 'text/csv']) {
    const outgoing = await begin(type)
    await sleep(50)
    outgoing.write('{"size"')
    await sleep(50)
    outgoing.end(':1}')
    const status = await new Promise((resolve) => outgoing.once('response', (it) => resolve(it.statusCode)))
    t.equal(status, 200, type)
    t.equal(rig.services.orders.only().body, '{"size":1}')
  }
  const leaving = await begin('text/csv')
  await sleep(50)
  leaving.destroy()
  t.match((await rig.lines(3)).at(-1), { status: 499 })
  t.equal(rig.reached(), 0)
})

t.test('who waits to be asked for it is asked', async (t) => {
  const rig = await rigWith(t)
  const expecting = `${json}transfer-encoding: chunked\r\nexpect: 100-continue\r\n`
  t.same(statuses(await send(rig, 'POST', expecting, `a\r\n{"size":1}\r\n${noBody}`)), [100, 200])
})
