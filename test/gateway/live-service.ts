import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'undici'
import type { Rig } from './rig.ts'

/** A route that takes WebSockets, and one for streams. */
export const liveRoutes = `
routes:
  - id: live
    match: { path: /api/live, methods: [GET] }
    authn: [session, bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: [orders:read] }
    upstream: orders
    websocket: true
  - id: stream
    match: { path: /api/stream, methods: [GET] }
    authn: [session, bearer]
    authz: { scopes: [orders:read] }
    token: { scopes: [orders:read] }
    limits: { timeout: 3s }
    upstream: orders
    stream: true
`

/** What the service saw of its WebSockets. */
export interface LiveService {
  readonly requests: IncomingMessage[]
  readonly sockets: Duplex[]
  readonly texts: string[]
}

/** Makes `orders` answer WebSockets: it sends each text back. */
export function echo(rig: Rig): LiveService {
  const service: LiveService = { requests: [], sockets: [], texts: [] }
  rig.services.orders.upgrade = (request, socket) => {
    service.requests.push(request)
    service.sockets.push(socket)
    socket.on('error', () => socket.destroy())
    socket.write(`${switching(request)}\r\n`)
    socket.on('data', (chunk: Buffer) => {
      for (const { opcode, payload } of framesIn(chunk)) {
        if (opcode === 1) service.texts.push(payload.toString())
        if (opcode === 1) socket.write(frame(opcode, payload))
        if (opcode === 8) socket.end(frame(opcode, payload))
      }
    })
    socket.on('end', () => socket.end())
  }
  return service
}

function switching(request: IncomingMessage): string {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  return [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: upgrade',
    `sec-websocket-accept: ${accept}`,
    'x-powered-by: secret stack',
    '',
  ].join('\r\n')
}

/** A frame as a server sends it. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload])
  const head = Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff])
  return Buffer.concat([head, payload])
}

/** Small whole frames of a client, unmasked. */
function framesIn(chunk: Buffer): { opcode: number; payload: Buffer }[] {
  const found: { opcode: number; payload: Buffer }[] = []
  let at = 0
  while (at + 6 <= chunk.length) {
    const length = (chunk[at + 1] ?? 0) & 0x7f
    const mask = chunk.subarray(at + 2, at + 6)
    const payload = Buffer.from(chunk.subarray(at + 6, at + 6 + length))
    for (let byte = 0; byte < payload.length; byte++)
      payload[byte] = (payload[byte] ?? 0) ^ (mask[byte % 4] ?? 0)
    found.push({ opcode: (chunk[at] ?? 0) & 0x0f, payload })
    at += 6 + length
  }
  return found
}

/** A WebSocket client and what happened to it. */
export class LiveClient {
  readonly texts: string[] = []
  readonly closed: Promise<number>
  readonly opened: Promise<boolean>
  readonly #socket: WebSocket

  constructor(rig: Rig, headers: Readonly<Record<string, string>>, path = '/api/live') {
    this.#socket = new WebSocket(`ws://localhost:${rig.port}${path}`, { headers: { ...headers } })
    this.#socket.addEventListener('message', ({ data }) => this.texts.push(String(data)))
    this.opened = new Promise((resolve) => {
      this.#socket.addEventListener('open', () => resolve(true))
      this.#socket.addEventListener('error', () => resolve(false))
    })
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code }) => resolve(code))
    })
  }

  static withToken(rig: Rig, claims: object = {}): LiveClient {
    return new LiveClient(rig, { authorization: `Bearer ${rig.issuer.token(claims)}` })
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  close(code: number): void {
    this.#socket.close(code)
  }
}

/** A WebSocket whose caller can be cut off; resolves when it is open. */
export function openRaw(
  t: { teardown(run: () => void): unknown },
  rig: Rig,
  more: readonly string[] = [],
): Promise<Socket> {
  const head = [
    'GET /api/live HTTP/1.1',
    `host: ${rig.host}`,
    `authorization: Bearer ${rig.issuer.token()}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...more,
  ]
  return new Promise((resolve, reject) => {
    const socket = connect(rig.port, 'localhost', () => socket.write(`${head.join('\r\n')}\r\n\r\n`))
    t.teardown(() => socket.destroy())
    socket.once('data', (chunk) => {
      if (String(chunk).startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(String(chunk)))
    })
    socket.on('error', reject)
  })
}
