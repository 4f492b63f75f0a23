import type { RequestListener, Server, ServerOptions, ServerResponse } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { closesAlso } from './close-all.ts'
import type { HttpLimits } from './limits.ts'
import { http } from './node-http.ts'

const connectionTimeoutMs = 120_000
const keepAliveTimeoutMs = 60_000
const headersTimeoutMs = 10_000

export interface NodeServerOptions {
  readonly limits: HttpLimits
  readonly tls: https.ServerOptions | undefined
  readonly endsBodiless: boolean
}

/**
 * Node's HTTP server with every timeout set. Fastify's own defaults wait without end for a slow request, and
 * Node looks for overdue ones only every 30 s.
 */
export function createNodeServer(handler: RequestListener, wanted: NodeServerOptions): Server {
  const { limits, tls, endsBodiless } = wanted
  const headersTimeout = Math.min(headersTimeoutMs, limits.requestTimeoutMs)
  const options: ServerOptions = {
    // The parser counts the request target among the headers.
    maxHeaderSize: limits.headerBytes + limits.urlBytes,
    requestTimeout: limits.requestTimeoutMs,
    headersTimeout,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, Math.max(50, Math.floor(limits.requestTimeoutMs / 4))),
    // Checked by checkRequest, which answers with problem details.
    requireHostHeader: false,
    optimizeEmptyRequests: endsBodiless,
  }
  const listener = untilTheLast(handler)
  const server =
    tls === undefined
      ? http.createServer(options, listener)
      : https.createServer({ ...options, ...tls, handshakeTimeout: headersTimeout }, listener)
  if (tls !== undefined) endHandshakes(server)
  server.setTimeout(connectionTimeoutMs)
  // By default Node drops header lines after the 2,000th in silence; checkRequest refuses far fewer.
  server.maxHeadersCount = 0
  server.on('checkContinue', (request, response) => {
    // Asked for when somebody begins to read it (RFC 9110 section 10.1.1): a refused request is refused without it.
    request.once('resume', () => {
      if (!response.headersSent) response.writeContinue()
    })
    server.emit('request', request, response)
  })
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return server
}

/**
 * Nothing is served behind an answer that ends its connection (RFC 9112 section 9.6). Node would go on with whatever is in
 * the same packet, and what comes behind a request that was refused for its form may be a part of it.
 */
function untilTheLast(handler: RequestListener): RequestListener {
  // Of those alone that came before the answer to another: nothing is kept for a connection that goes one by one.
  const pipelined = new WeakMap<Socket, ServerResponse>()
  return (request, response) => {
    const { socket } = request
    // What Node itself looks at: whose turn it is on a connection, and whether its answer ends it. HTTP/2 has nothing of the kind.
    const first: unknown = Reflect.get(socket, '_httpMessage')
    if (first !== response && first !== undefined) {
      if (isLast(first) || isLast(pipelined.get(socket))) return
      pipelined.set(socket, response)
    } else if (socket.writableEnded) return
    handler(request, response)
  }
}

function isLast(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, '_last') === true
}

/** Node knows connections over TLS after their handshake; one that does not come to it would keep the server from closing. */
function endHandshakes(server: Server): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  closesAlso(server, () => {
    for (const socket of sockets) socket.destroy()
  })
}
