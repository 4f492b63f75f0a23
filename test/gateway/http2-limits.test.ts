import { constants, Http2ServerRequest } from 'node:http2'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { defaultHttpLimits } from '@gatehouse/kit/http/limits'
import type { FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { speakHttp2 } from '../../gateway/http2/speak.ts'
import { outlast } from '../../gateway/upstream/outlast.ts'
import { serve } from '../kit/http-fixture.ts'
import { Frames } from './http2-frames.ts'
import { until } from '../harness/eventually.ts'

/** RFC 9113 section 6.5.2. */
const initialWindowSize = 4
const requestTimeoutMs = 500
// Longer by more than a pause of this process: both at once would end the connection along with the stream.
const silenceMs = 2_500

const head = { ':method': 'POST', ':scheme': 'https', ':path': '/', ':authority': 'localhost' }

const now = new Date()
const ca = createCa({ trustDomain: 'gatehouse.test', days: 1, now })
const { certPem: cert, keyPem: key } = issueWorkload({
  ca,
  trustDomain: 'gatehouse.test',
  name: 'gateway',
  hosts: ['localhost'],
  days: 1,
  now,
})

interface Attempt {
  readonly attacker: Frames
  /** What became of requests, in order. */
  readonly seen: string[]
}

/** A server with short limits that takes bodies whole and answers with more than a window takes. */
async function attempt(t: Test, settings: readonly (readonly [number, number])[] = []): Promise<Attempt> {
  const seen: string[] = []
  const { port } = await serve(
    t,
    (app) => {
      speakHttp2(app.server, { ...defaultHttpLimits, requestTimeoutMs, silenceMs })
      app.addHook('onRequestAbort', async (_request) => void seen.push('aborted'))
      app.post('/', () => {
        seen.push('whole')
        return { text: 'a'.repeat(100_000) }
      })
    },
    { https: { cert, key, ALPNProtocols: ['h2'] } },
  )
  const attacker = await Frames.connect(port, Buffer.from(ca.certPem), settings)
  t.teardown(() => void attacker.socket.destroy())
  return { attacker, seen }
}

t.test('a body that does not come: its stream is reset, the connection stays', async (t) => {
  const { attacker, seen } = await attempt(t)
  attacker.headers(1, { ...head, 'content-type': 'application/json' }, false)
  attacker.data(1, '{')
  await until(() => attacker.resetOf(1) !== undefined)
  t.equal(attacker.resetOf(1), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  t.notOk(seen.includes('whole'), 'no handler has run')
  attacker.headers(3, head, true)
  await until(() => seen.includes('whole'))
  t.notOk(attacker.closed, 'the next request is served')
})

t.test('a body that trickles has no more time', async (t) => {
  const { attacker, seen } = await attempt(t)
  attacker.headers(1, { ...head, 'content-type': 'application/json' }, false)
  const drip = setInterval(() => attacker.data(1, ' '), 50)
  t.teardown(() => clearInterval(drip))
  await until(() => attacker.resetOf(1) !== undefined)
  t.equal(attacker.resetOf(1), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  t.notOk(seen.includes('whole'))
})

t.test('an answer that is not taken: a window of nothing', async (t) => {
  const { attacker, seen } = await attempt(t, [[initialWindowSize, 0]])
  attacker.headers(1, head, true)
  await until(() => seen.includes('whole'))
  // What it does besides is not taking the answer.
  const busy = setInterval(() => attacker.ping(), 50)
  t.teardown(() => clearInterval(busy))
  await until(() => attacker.resetOf(1) !== undefined)
  t.equal(attacker.resetOf(1), constants.NGHTTP2_CANCEL)
})

t.test('an answer that is taken stays', async (t) => {
  const { attacker } = await attempt(t)
  attacker.headers(1, head, true)
  attacker.window(0, 100_000)
  attacker.window(1, 100_000)
  await until(() => attacker.hasEnded(1))
  t.equal(attacker.resetOf(1), undefined)
})

t.test('a connection waits for the request on it that may wait longest', async (t) => {
  const waiting: FastifyReply[] = []
  const { port } = await serve(
    t,
    (app) => {
      speakHttp2(app.server, { ...defaultHttpLimits, silenceMs })
      app.get('/:seconds', (request, reply) => {
        const { seconds } = Object(request.params)
        outlast(request.raw, Number(seconds) * 1000)
        waiting.push(reply)
        return reply.hijack()
      })
    },
    { https: { cert, key, ALPNProtocols: ['h2'] } },
  )
  const caller = await Frames.connect(port, Buffer.from(ca.certPem), [])
  t.teardown(() => void caller.socket.destroy())
  const ask = async (stream: number, seconds: number): Promise<unknown> => {
    caller.headers(stream, { ...head, ':method': 'GET', ':path': `/${seconds}` }, true)
    await until(() => waiting.length === (stream + 1) / 2)
    return timeoutOf(waiting)
  }
  t.equal(await ask(1, 3600), 3_700_000)
  t.equal(await ask(3, 200), 3_700_000, 'not shorter for a second one')
  t.equal(await ask(5, 1), 3_700_000, 'nor for one that asks for nothing')
  waiting[0]?.raw.end()
  await until(() => caller.hasEnded(1))
  await until(() => timeoutOf(waiting) === 300_000)
  waiting[1]?.raw.end()
  await until(() => caller.hasEnded(3))
  await until(() => timeoutOf(waiting) === silenceMs)
})

/** Of the connection; Node shows it without having documented it. */
function timeoutOf(waiting: readonly FastifyReply[]): unknown {
  const { raw } = waiting.at(-1)?.request ?? {}
  return raw instanceof Http2ServerRequest && raw.stream.session
    ? Reflect.get(raw.stream.session, 'timeout')
    : undefined
}

t.test('header lines that do not come, and nothing at all', async (t) => {
  const { attacker, seen } = await attempt(t)
  attacker.openHeaders(1, head)
  await until(() => attacker.closed)
  t.same(seen, [], 'nobody has heard of it')
  const { attacker: silent } = await attempt(t)
  await until(() => silent.closed)
  t.ok(silent.closed)
})
