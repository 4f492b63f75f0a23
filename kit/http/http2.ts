import type { EventEmitter } from 'node:events'
import type http from 'node:http'
import type { Http2Session, ServerOptions } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { closesAlso } from './close-all.ts'
import { maxHeaderLines, type HttpLimits } from './limits.ts'

/** Requests at one time on a connection; browsers ask for no more. */
const streams = 100
/** Streams that a connection may reset at once, and per second from then on (CVE-2023-44487, rapid reset). */
const resetBurst = 200
const resetsPerSecond = 33
/** Frames that break the protocol, and streams beyond the above, before a connection is closed. */
const invalidFrames = 100
const rejectedStreams = 100
const sessionMegabytes = 10

/** What a server of HTTP/2 lets a connection do. No push. */
export function http2Options({
  headerBytes,
  urlBytes,
}: Pick<HttpLimits, 'headerBytes' | 'urlBytes'>): ServerOptions {
  return {
    settings: {
      maxConcurrentStreams: streams,
      enablePush: false,
      // RFC 9113 section 6.5.2: each line counts 32 more.
      maxHeaderListSize: headerBytes + urlBytes + 32 * maxHeaderLines,
    },
    // Counted before requests are checked, which answers 431 to fewer than this.
    maxHeaderListPairs: maxHeaderLines + 56,
    maxSessionMemory: sessionMegabytes,
    maxSessionInvalidFrames: invalidFrames,
    maxSessionRejectedStreams: rejectedStreams,
    streamResetBurst: resetBurst,
    streamResetRate: resetsPerSecond,
  }
}

const carriers = new WeakMap<Http2Session, TLSSocket>()

/** The connection of a session that came by `takeHttp2`; what Node shows as `session.socket` throws once it is gone. */
export function carrierOf(session: Http2Session): TLSSocket | undefined {
  return carriers.get(session)
}

/**
 * Gives connections that chose `h2` by ALPN to another server; whoever listens to `server` by now goes on to get the
 * others. They end with `server`: when idle as it closes, all when its grace is over.
 * @param made asked at the first of them.
 */
export function takeHttp2(server: http.Server, made: () => EventEmitter): void {
  let inner: EventEmitter | undefined
  let taken: TLSSocket | undefined
  const sessions = new Set<Http2Session>()
  const start = (): EventEmitter =>
    made().on('session', (session: Http2Session) => {
      sessions.add(session)
      if (taken !== undefined) carriers.set(session, taken)
      session.once('close', () => sessions.delete(session))
    })
  const others = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol !== 'h2') for (const listener of others) Reflect.apply(listener, server, [socket])
    else if (!socket.destroyed) {
      taken = socket
      inner ??= start()
      inner.emit('connection', socket)
    }
  })
  closeWith(server, sessions)
}

/** Node closes idle connections when the server closes, and all when the grace is over; these are its own no longer. */
function closeWith(server: http.Server, sessions: ReadonlySet<Http2Session>): void {
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    closeIdle()
    for (const session of sessions) session.close()
  }
  closesAlso(server, () => {
    for (const session of sessions) session.destroy()
  })
}
