import { constants } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until } from '../harness/eventually.ts'
import { Frames } from './http2-frames.ts'
import { ask, rigWith, type Http2Rig } from './http2-rig.ts'

/** RFC 9113 section 6.5.2. */
const settings = { maxConcurrentStreams: 3, initialWindowSize: 4 } as const

/** A request that would be served. */
const good = ({ rig }: Http2Rig): Readonly<Record<string, string>> => ({
  ':method': 'GET',
  ':scheme': 'https',
  ':path': '/api/orders',
  ':authority': rig.host,
  authorization: `Bearer ${rig.issuer.token()}`,
})

/** Writes until the other side has had enough. @returns how often */
async function flood(
  attacker: Frames,
  most: number,
  write: (at: number) => void,
  pauseEvery = 1,
): Promise<number> {
  let at = 0
  for (; at < most && !attacker.closed; at++) {
    write(at)
    if (at % pauseEvery === 0) await sleep(1)
  }
  return at
}

async function othersAreServed(t: Test, { rig, session }: Http2Rig): Promise<void> {
  t.equal(rig.reached(), 0, 'no service has heard of it')
  t.match(await ask(rig, session), { status: 200, reset: 0 }, 'others are served')
}

t.test('header lines without end in CONTINUATION frames', async (t) => {
  const house = await rigWith(t)
  const attacker = await Frames.connect(house.rig.port, house.ca)
  attacker.openHeaders(1, good(house))
  const written = await flood(
    attacker,
    10_000,
    (at) => attacker.continuation(1, { [`x-${at}`]: 'a'.repeat(1000) }),
    100,
  )
  t.ok(written < 10_000, `closed after ${written} of 10,000`)
  await othersAreServed(t, house)
})

t.test('CONTINUATION frames without anything in them', async (t) => {
  const house = await rigWith(t)
  const attacker = await Frames.connect(house.rig.port, house.ca)
  attacker.openHeaders(1, good(house))
  for (let at = 0; at < 50; at++) attacker.continuation(1, {})
  await until(() => attacker.closed)
  t.equal(attacker.goAway, constants.NGHTTP2_INTERNAL_ERROR)
  await othersAreServed(t, house)
})

t.test('a header list that is larger than announced', async (t) => {
  const house = await rigWith(t)
  const attacker = await Frames.connect(house.rig.port, house.ca)
  attacker.openHeaders(1, good(house))
  for (let at = 0; at < 4; at++) attacker.continuation(1, { [`x-${at}`]: 'a'.repeat(15_000) })
  attacker.continuation(1, { 'x-last': 'a' }, true)
  await until(() => attacker.closed || attacker.resetOf(1) !== undefined || attacker.hasEnded(1))
  await othersAreServed(t, house)
})

for (const what of ['settings', 'ping'] as const) {
  t.test(`${what} frames whose acknowledgements nobody reads`, async (t) => {
    const house = await rigWith(t)
    const attacker = await Frames.connect(house.rig.port, house.ca)
    attacker.socket.pause()
    const most = 300
    // What both ends of the connection hold for each other has to be full first.
    const written = await flood(attacker, most, () =>
      what === 'ping'
        ? attacker.ping(10_000)
        : attacker.settings([[settings.maxConcurrentStreams, 50]], 10_000),
    )
    t.ok(written < most, `closed after ${written} times 10,000`)
    await othersAreServed(t, house)
  })
}

t.test('more streams at once than announced', async (t) => {
  const house = await rigWith(t)
  const { rig, ca } = house
  rig.services.orders.answer = () => undefined
  const attacker = await Frames.connect(rig.port, ca)
  for (let at = 0; at < 150; at++) attacker.headers(2 * at + 1, good(house), true)
  await until(() => attacker.resetOf(2 * 149 + 1) !== undefined)
  t.equal(attacker.resetOf(2 * 149 + 1), constants.NGHTTP2_REFUSED_STREAM)
  t.ok(rig.log.requests().length + rig.reached() <= 100, 'no more than 100 were looked at')
  await flood(attacker, 1000, (at) => attacker.headers(2 * (at + 150) + 1, good(house), true))
  await until(() => attacker.closed)
  t.ok(attacker.closed, 'who goes on is cut off')
})

t.test('a body that breaks off where nobody listens ends that request alone', async (t) => {
  const house = await rigWith(t)
  const { rig, ca } = house
  const post = { ':method': 'POST', 'content-type': 'application/json' }
  // Refused before anybody reads; answered by the gateway itself; a page of the gateway's that waits for the body.
  for (const path of ['/nothing', '/api/orders', '/healthz', '/auth/logout', '/auth/shop/orders']) {
    const { authorization: _, ...anonymous } = good(house)
    const attacker = await Frames.connect(rig.port, ca)
    attacker.headers(1, { ...anonymous, ...post, ':path': path }, false)
    attacker.reset(1, constants.NGHTTP2_CANCEL)
    attacker.headers(3, { ...anonymous, ...post, ':path': path }, false)
    attacker.data(3, '{"a":')
    attacker.socket.end()
    await until(() => attacker.closed)
  }
  await othersAreServed(t, house)
})
