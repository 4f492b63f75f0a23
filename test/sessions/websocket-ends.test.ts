import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import t from 'tap'
import { WebSocket } from 'undici'
import { type Platform, type SessionClient, startPlatform } from '../harness/index.ts'
import { freePortBase } from '../harness/ports.ts'
import { Person } from '../idp/person.ts'

const config = (port: number) => `
routes:
  - id: live
    match: { path: /api/live, methods: [GET] }
    authn: [session]
    authz: { scopes: [orders:read] }
    token: { scopes: [orders:read] }
    upstream: live
    websocket: true
upstreams:
  live: { targets: ['https://localhost:${port}'], identity: live }
`

/** A service that takes WebSockets and says nothing. */
async function startLive(
  t: { teardown(run: () => void): unknown },
  platform: Platform,
  port: number,
): Promise<void> {
  const { files } = await platform.workload('live', { port })
  const [cert, key, ca] = [files.cert, files.key, files.ca].map((file) => readFileSync(file))
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true })
  server.on('upgrade', (request, socket) => {
    const wanted = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(wanted).digest('base64')
    socket.on('error', () => socket.destroy())
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    )
  })
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** Opens a WebSocket as the page would. @returns the code it is closed with */
async function openSocket(platform: Platform, session: SessionClient): Promise<{ closed: Promise<number> }> {
  const origin = platform.url('gateway')
  const cookie = session.cookies.header(new URL(origin))
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, { headers: { cookie, origin } })
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('it did not open')))
  })
  return { closed }
}

t.test('a WebSocket of a session is closed with 4401 when the session ends', async (t) => {
  const port = await freePortBase()
  const platform = await startPlatform({ t, config: config(port) })
  await startLive(t, platform, port)
  const person = new Person()
  const alice = await platform.signIn('alice', { cookies: person.jar })
  const bob = await platform.signIn('bob')
  const carol = await platform.signIn('carol')
  const ofAlice = await openSocket(platform, alice)
  const ofBob = await openSocket(platform, bob)
  const ofCarol = await openSocket(platform, carol)

  await bob.fetch('/auth/logout', { method: 'POST' })
  t.equal(await ofBob.closed, 4401, 'signed out here')
  await person.submit(await person.open(`${platform.config.issuer}/oauth/logout`), 'Sign out')
  t.equal(await ofAlice.closed, 4401, 'signed out at the identity server')
  t.equal((await carol.fetch('/auth/session')).status, 200)
  platform.clock.advance(13 * 3_600_000)
  t.equal(await ofCarol.closed, 4401, 'the session ran out')
})
