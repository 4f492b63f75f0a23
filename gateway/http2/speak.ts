import type { EventEmitter } from 'node:events'
import type http from 'node:http'
import http2 from 'node:http2'
import { TLSSocket } from 'node:tls'
import { closesAlso } from '@gatehouse/kit/http/close-all'
import { maxHeaderLines, type HttpLimits } from '@gatehouse/kit/http/limits'
import { StreamRequest } from './request.ts'
import { StreamResponse } from './response.ts'
import { UntakenAnswers } from './untaken.ts'

const defaultSilenceMs = 120_000
/** Requests at one time on a connection; browsers ask for no more. */
const streams = 100
/** Streams that a connection may reset at once, and per second from then on (CVE-2023-44487, rapid reset). */
const resetBurst = 200
const resetsPerSecond = 33
/** Frames that break the protocol, and streams beyond the above, before a connection is closed. */
const invalidFrames = 100
const rejectedStreams = 100
const sessionMegabytes = 10

interface Limits extends Pick<HttpLimits, 'headerBytes' | 'urlBytes' | 'requestTimeoutMs'> {
  /** Milliseconds; by default as long as HTTP/1.1 connections. */
  readonly silenceMs?: number
}

/**
 * Has a TLS server speak HTTP/2 with those who ask for it by ALPN. Its streams become requests of the same server, so
 * that whatever serves HTTP/1.1 serves them, and nothing changes for HTTP/1.1. No push, no CONNECT, no `h2c`, and no
 * WebSockets (RFC 8441 is not offered, so browsers open an HTTP/1.1 connection for them).
 */
export function speakHttp2(server: http.Server, limits: Limits): void {
  const { requestTimeoutMs, silenceMs = defaultSilenceMs } = limits
  const inner = http2.createServer({
    Http2ServerRequest: StreamRequest,
    Http2ServerResponse: StreamResponse,
    settings: {
      maxConcurrentStreams: streams,
      enablePush: false,
      maxHeaderListSize: headerListBytes(limits),
    },
    // Counted before requests are checked, which answers 431 to fewer than this.
    maxHeaderListPairs: maxHeaderLines + 56,
    maxSessionMemory: sessionMegabytes,
    maxSessionInvalidFrames: invalidFrames,
    maxSessionRejectedStreams: rejectedStreams,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
  })
  inner.setTimeout(silenceMs)
  for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
    inner.on(event, (request, response) => void server.emit(event, request, response))
  }
  const untaken = new UntakenAnswers(silenceMs / 2)
  server.once('close', () => untaken.stop())
  inner.on('stream', (stream) => {
    untaken.watch(stream)
    limitBody(stream, requestTimeoutMs)
  })
  const sessions = new Set<http2.Http2Session>()
  inner.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  takeConnections(server, inner)
  closeWith(server, sessions)
}

/** The server's own listener goes on to get those that speak HTTP/1.1. */
function takeConnections(server: http.Server, inner: EventEmitter): void {
  const others = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') inner.emit('connection', socket)
    else for (const listener of others) Reflect.apply(listener, server, [socket])
  })
}

/** Node closes idle connections when the server closes, and all when the grace is over; these are its own no longer. */
function closeWith(server: http.Server, sessions: ReadonlySet<http2.Http2Session>): void {
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    closeIdle()
    for (const session of sessions) session.close()
  }
  closesAlso(server, () => {
    for (const session of sessions) session.destroy()
  })
}

/** One stream must not be kept by a body that does not come. */
function limitBody(stream: http2.ServerHttp2Stream, requestTimeoutMs: number): void {
  if (stream.endAfterHeaders) return
  const late = setTimeout(() => stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM), requestTimeoutMs)
  late.unref()
  const inTime = (): void => clearTimeout(late)
  stream.once('end', inTime).once('close', inTime)
}

/** RFC 9113 section 6.5.2: each line counts 32 more. */
function headerListBytes({ headerBytes, urlBytes }: Limits): number {
  return headerBytes + urlBytes + 32 * maxHeaderLines
}
