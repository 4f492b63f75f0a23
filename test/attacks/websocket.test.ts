import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { heardWithin, send, sendRaw, statuses } from '../gateway/client.ts'
import { echo, liveRoutes, openRaw } from '../gateway/live-service.ts'
import { startRig, type Rig } from '../gateway/rig.ts'
import { until } from '../harness/eventually.ts'
import { eventually } from '../harness/index.ts'

const key = () => `sec-websocket-key: ${randomBytes(16).toString('base64')}`
const head = (rig: Rig, lines: readonly string[], first = 'GET /api/live HTTP/1.1') =>
  [first, `host: ${rig.host}`, ...lines, '', ''].join('\r\n')
const upgrade = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', key()]
const bearer = (rig: Rig, claims: object = {}) => `authorization: Bearer ${rig.issuer.token(claims)}`

t.test('a handshake that is not good is refused before the service hears of it', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  echo(rig)
  const good = bearer(rig)
  const cases: Readonly<Record<string, readonly [number, readonly string[], string?]>> = {
    'no token': [401, upgrade],
    'an expired token': [401, [...upgrade, bearer(rig, { exp: 1 })]],
    'a token without the scope': [403, [...upgrade, bearer(rig, { scope: 'users:read' })]],
    h2c: [
      400,
      ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAoAAA', good],
    ],
    'another protocol': [400, ['connection: upgrade', 'upgrade: tls/1.2', good]],
    'an old version': [400, [...upgrade.slice(0, 2), 'sec-websocket-version: 8', key(), good]],
    'no key': [400, [...upgrade.slice(0, 3), good]],
    'a body': [400, [...upgrade, good, 'content-length: 5']],
    POST: [400, [...upgrade, good], 'POST /api/live HTTP/1.1'],
    'a route that takes none': [400, [...upgrade, good], 'GET /api/orders HTTP/1.1'],
    'no route': [404, [...upgrade, good], 'GET /api/nothing HTTP/1.1'],
    'a path that leads elsewhere': [400, [...upgrade, good], 'GET /api/%2e%2e/api/live HTTP/1.1'],
  }
  for (const [what, [status, lines, first]] of Object.entries(cases)) {
    const answer = await sendRaw(rig.port, head(rig, lines, first))
    if (what !== 'POST') t.same(statuses(answer), [status], what)
    else t.match(statuses(answer)[0], /^40[05]$/, what)
    t.match(answer, /application\/problem\+json/, what)
    t.match(answer, /connection: close/i, what)
  }
  t.equal(rig.reached(), 0)
})

t.test('what comes before or behind an upgrade on the same connection is harmless', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = echo(rig)
  const one = head(rig, [...upgrade, bearer(rig)])
  const get = head(rig, [bearer(rig)], 'GET /api/orders HTTP/1.1')
  t.same(statuses(await sendRaw(rig.port, one + one)), [400], 'two upgrades')
  t.same(statuses(await sendRaw(rig.port, one + get)), [400], 'a request behind it')
  t.equal(service.requests.length, 0)
  rig.services.orders.answer = () => {}
  const behind = await heardWithin(500, rig.port, get + one).catch(() => '')
  t.notOk(statuses(behind).includes(101), 'an upgrade behind a request that is not answered yet')
  t.equal(service.requests.length, 0)
  rig.services.orders.answer = undefined
  t.equal((await rig.call({ path: '/api/orders' })).status, 200, 'the gateway is alive')
})

t.test('a login that ends at the identity server closes what is open with 4401', async (t) => {
  const rig = await startRig(t, { config: liveRoutes })
  const service = echo(rig)
  const open = sendRaw(rig.port, head(rig, [...upgrade, bearer(rig)]), 10_000)
  const other = sendRaw(rig.port, head(rig, [...upgrade, bearer(rig, { sid: 'sid-2' })]), 1500)
  await until(() => service.requests.length >= 2)
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: rig.issuer.issuer,
    aud: 'gateway',
    iat: now,
    exp: now + 60,
    jti: 'lt-1',
    sid: 'sid-1',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const token = rig.issuer.sign(
    JSON.stringify(rig.issuer.header({ typ: 'logout+jwt' })),
    JSON.stringify(claims),
  )
  const told = await send(rig.port, {
    method: 'POST',
    path: '/auth/backchannel-logout',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `logout_token=${token}`,
  })
  t.equal(told.status, 200, told.text)
  t.ok((await open).endsWith('\x88\x02\x11\x31'), 'a close frame with 4401')
  t.notMatch(await other, /\x88/, 'nobody else')
})

t.test('a caller that does not answer pings is let go', async (t) => {
  const rig = await startRig(t, { config: `${liveRoutes}\ngateway: { websockets: { ping: 100ms } }` })
  echo(rig)
  const answer = await sendRaw(rig.port, head(rig, [...upgrade, bearer(rig)]), 3000)
  t.match(answer, '101 Switching')
  t.ok(answer.endsWith('\r\n\r\n\x89\x00\x88\x02\x03\xe9'), 'a ping, then 1001')
})

for (const websocketsAlone of [false, true]) {
  const how = websocketsAlone ? 'alone' : 'sharing a connection'
  t.test(`a caller that takes nothing is let go in the middle of a frame, too, ${how}`, async (t) => {
    const config = `${liveRoutes}\ngateway: { websockets: { ping: 100ms } }`
    const rig = await startRig(t, { config, websocketsAlone })
    const service = echo(rig)
    const caller = await openRaw(t, rig)
    caller.pause()
    // One frame of 64 MB, more than any buffers on the way take.
    service.sockets[0]?.write(Buffer.from([0x82, 127, 0, 0, 0, 0, 4, 0, 0, 0]))
    service.sockets[0]?.write(Buffer.alloc(0x400_0000))
    t.ok(await eventually(() => service.sockets[0]?.destroyed === true))
  })
}

t.test('one that takes a long frame piece by piece, into which no ping fits, is not', async (t) => {
  const rig = await startRig(t, { config: `${liveRoutes}\ngateway: { websockets: { ping: 1s } }` })
  const service = echo(rig)
  const caller = await openRaw(t, rig)
  let taken = 0
  caller.on('data', (chunk) => (taken += chunk.length))
  service.sockets[0]?.write(Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 15]))
  for (let piece = 1; piece <= 15; piece++) {
    service.sockets[0]?.write('x')
    // oxlint-disable-next-line no-await-in-loop
    await eventually(() => taken >= 10 + piece)
    // oxlint-disable-next-line no-await-in-loop
    await sleep(150)
  }
  t.notOk(service.sockets[0]?.destroyed)
})
