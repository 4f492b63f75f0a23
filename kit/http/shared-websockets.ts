import type { ClientRequest, IncomingMessage, Server } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { randomBytes } from 'node:crypto'
import { type Duplex, duplexPair, pipeline } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { carriedBy } from '../mtls/carried.ts'
import { carrierOf, http2Options, takeHttp2 } from './http2.ts'
import { answerHeaderBytes, type HttpLimits } from './limits.ts'
import { http } from './node-http.ts'
import { acceptOf } from './websocket-accept.ts'

/** What HTTP/1.1 says of a connection and HTTP/2 does not (RFC 9113 section 8.2.2), and what its handshake adds. */
const ofHttp1: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'sec-websocket-accept',
  'te',
  'transfer-encoding',
  'upgrade',
])
/** A handshake has none, and Node throws at what announces some. */
const ofContent: ReadonlySet<string> = new Set(['content-length', 'trailer'])
const keyBytes = 16
const resetsAtOnce = 20_000
const resetsPerSecond = 10_000
/** What callers do not take counts, and whoever came after them would be refused. Back-pressure bounds it for each. */
const anyMegabytes = 100_000
/** RFC 9113 section 7. */
const internalError = 2
const http11Required = 13

/**
 * Has a server over TLS take many WebSockets on one connection (RFC 8441), from those who ask for nothing but HTTP/2 by ALPN.
 * Whatever takes WebSockets over HTTP/1.1 (`upgrade`) takes them as well, each as a connection of its own. Other
 * requests are told to come by HTTP/1.1. To be called before anybody else listens for connections.
 */
export function shareWebSockets(server: Server, limits: Pick<HttpLimits, 'headerBytes' | 'urlBytes'>): void {
  takeHttp2(server, () => {
    // Loaded when it is wanted: most services never are.
    const http2 = process.getBuiltinModule('node:http2')
    const options = http2Options(limits)
    const inner = http2.createServer({
      ...options,
      settings: { ...options.settings, enableConnectProtocol: true },
      // Who leaves in a hurry at the gateway resets a stream here, and must not end the connection for the others on it.
      streamResetBurst: resetsAtOnce,
      streamResetRate: resetsPerSecond,
      maxSessionMemory: anyMegabytes,
    })
    inner.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      // What breaks off closes as well, and that is listened for.
      stream.on('error', () => undefined)
      const carrier = stream.session && carrierOf(stream.session)
      if (headers[':protocol'] === 'websocket' && carrier !== undefined)
        join(server, stream, headers, carrier)
      else stream.close(http11Required)
    })
    return inner
  })
}

/** The stream becomes a connection to the server, on which its request is made once more, in HTTP/1.1. */
function join(
  server: Server,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  carrier: TLSSocket,
): void {
  const [ours, theirs] = duplexPair()
  settle(theirs)
  carriedBy(carrier, theirs)
  stream.once('close', () => {
    ours.destroy()
    // The end alone would be read, or not; and what is written after it would wait for ever.
    if (!theirs.writableFinished) theirs.destroy()
  })
  server.emit('secureConnection', theirs)
  const key = randomBytes(keyBytes).toString('base64')
  const request = requestOn(ours, headers, key)
  if (request === undefined) return stream.close(internalError)
  request.on('upgrade', (answer, socket, head) => {
    socket.unshift(head)
    if (answer.headers['sec-websocket-accept'] === acceptOf(key)) open(stream, answer, socket)
    else stream.close(internalError)
  })
  request.on('response', (answer) => passOn(stream, answer))
  request.on('error', () => stream.close(internalError))
  request.end()
}

/** Libraries set their sockets up, and not all look whether there is anything to set: the connection that carries it is. */
function settle(socket: Duplex): void {
  const asItIs = (): Duplex => socket
  const set = { setKeepAlive: asItIs, setNoDelay: asItIs, setTimeout: asItIs, ref: asItIs, unref: asItIs }
  Object.assign(socket, set)
}

function open(stream: ServerHttp2Stream, answer: IncomingMessage, socket: Duplex): void {
  if (respond(stream, answer, 200)) pipeline(stream, socket, stream, () => undefined)
  else socket.destroy()
}

/** An answer that is none to the handshake. */
function passOn(stream: ServerHttp2Stream, answer: IncomingMessage): void {
  const { statusCode = 0 } = answer
  // In HTTP/2 any success opens a WebSocket: this one can only be said in HTTP/1.1.
  if (statusCode < 300) stream.close(http11Required)
  if (respond(stream, answer, statusCode)) pipeline(answer, stream, () => undefined)
  else answer.destroy()
}

/** Whether the stream is still there and HTTP/2 can say it: it has no status beyond 599, and Node throws. */
function respond(stream: ServerHttp2Stream, answer: IncomingMessage, status: number): boolean {
  if (stream.closed) return false
  try {
    stream.respond({ ...headersOf(answer), ':status': status })
    return true
  } catch {
    stream.close(internalError)
    return false
  }
}

/** undefined: HTTP/1.1 cannot say it. */
function requestOn(connection: Duplex, headers: IncomingHttpHeaders, key: string): ClientRequest | undefined {
  const { ':authority': host, ':path': path = '/' } = headers
  const said = Object.entries(headers).filter(([name]) => !name.startsWith(':') && !ofContent.has(name))
  try {
    return http.request({
      createConnection: () => connection,
      maxHeaderSize: answerHeaderBytes,
      path,
      headers: {
        ...Object.fromEntries(said),
        ...(host === undefined ? {} : { host }),
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': key,
      },
    })
  } catch {
    return undefined
  }
}

function headersOf({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofHttp1.has(name)))
}
