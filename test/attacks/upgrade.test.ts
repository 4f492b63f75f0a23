import t from 'tap'
import { sendRaw, statuses } from '../gateway/client.ts'
import { startRig } from '../gateway/rig.ts'

const rig = await startRig(t)
const get = (upgrade: string, token: boolean) =>
  `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: ${upgrade}\r\n` +
  'http2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
  (token ? `authorization: Bearer ${rig.issuer.token()}\r\n\r\n` : '\r\n')

t.test('another protocol is refused where there is none, with a token and without', async (t) => {
  for (const upgrade of ['websocket', 'h2c', 'TLS/1.0', 'foo']) {
    for (const token of [false, true]) {
      t.same(statuses(await sendRaw(rig.port, get(upgrade, token), 700)), [400], upgrade)
    }
  }
  t.equal(rig.reached(), 0)
})

t.test('what follows an upgrade on the connection is not read as anything', async (t) => {
  const started = performance.now()
  const answer = await sendRaw(rig.port, get('websocket', true) + get('websocket', false), 18_000)
  t.same(statuses(answer), [400])
  t.match(answer, /\r\nconnection: close\r\n/i)
  t.ok(performance.now() - started < 15_000, 'the connection ends')
})

t.test(
  'nor is an upgrade that follows what is still to be answered, which is answered all the same',
  async (t) => {
    const first = `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n\r\n`
    for (const before of [first, first + first]) {
      const answer = await sendRaw(rig.port, before + get('websocket', true) + first, 18_000)
      t.same(statuses(answer), [...before.matchAll(/GET/g)].map(() => 200).concat(400))
      t.match(answer, /"code":"invalid_request"/)
    }
    t.equal(rig.reached(), 3)
  },
)

t.test('CONNECT and TRACE lead nowhere', async (t) => {
  rig.services.orders.seen.length = 0
  const connect = await sendRaw(rig.port, `CONNECT localhost:22 HTTP/1.1\r\nhost: ${rig.host}\r\n\r\n`, 700)
  t.match(connect, /^HTTP\/1\.1 400 /)
  const trace = `TRACE /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\nconnection: close\r\n\r\n`
  const answer = await sendRaw(rig.port, trace, 700)
  t.match(answer, /^HTTP\/1\.1 405 [^]*allow: GET, POST, HEAD/i)
  t.equal(rig.reached(), 0)
})
