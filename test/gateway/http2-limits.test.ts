import { constants } from 'node:http2'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { defaultHttpLimits } from '@gatehouse/kit/http/limits'
import t, { type Test } from 'tap'
import { speakHttp2 } from '../../gateway/http2/speak.ts'
import { serve } from '../kit/http-fixture.ts'
import { Frames } from './http2-frames.ts'
import { until } from './http2-rig.ts'

/** RFC 9113 section 6.5.2. */
const initialWindowSize = 4
const requestTimeoutMs = 300
const silenceMs = 500

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

t.test('header lines that do not come, and nothing at all', async (t) => {
  const { attacker, seen } = await attempt(t)
  attacker.openHeaders(1, head)
  await until(() => attacker.closed)
  t.same(seen, [], 'nobody has heard of it')
  const { attacker: silent } = await attempt(t)
  await until(() => silent.closed)
  t.ok(silent.closed)
})
