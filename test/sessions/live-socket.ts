import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { WebSocket } from 'undici'
import type { Platform, SessionClient } from '../harness/index.ts'

/** One route that takes WebSockets of sessions, to a service at this port. */
export const liveConfig = (port: number) => `
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
export async function startLive(
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

/**
 * Opens a WebSocket as the page would.
 * @param at origin of the gateway, where it is another one
 * @returns the code it is closed with
 */
export async function openSocket(
  platform: Platform,
  session: SessionClient,
  at = platform.url('gateway'),
): Promise<{ closed: Promise<number> }> {
  const origin = platform.url('gateway')
  const cookie = session.cookies.header(new URL(origin))
  const socket = new WebSocket(`${at.replace('http', 'ws')}/api/live`, { headers: { cookie, origin } })
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code))
  })
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('error', () => reject(new Error('it did not open')))
  })
  return { closed }
}
