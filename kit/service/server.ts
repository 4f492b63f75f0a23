import { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { FastifyInstance, onSendHookHandler } from 'fastify'
import { defaultHttpLimits } from '../http/limits.ts'
import { createHttpServer, newTxn } from '../http/server.ts'
import { shareWebSockets } from '../http/shared-websockets.ts'
import { peerSpiffeId, workloadName } from '../mtls/identity.ts'
import type { Workload } from '../workload.ts'

/** The server of a service: for workloads of its own trust domain, with whatever certificate it has just now. */
export function createServiceServer({ context, tls, trustDomain, serve }: Workload): FastifyInstance {
  const app = createHttpServer({
    log: context.log,
    // Who offers both gets what all are used to; HTTP/2 is for WebSockets that share a connection.
    https: { ...tls, ALPNProtocols: ['http/1.1', 'h2'] },
    fastify: { genReqId: (request) => givenTxn(request.headers['x-request-id']) ?? newTxn() },
  })
  shareWebSockets(app.server, defaultHttpLimits)
  serve(app.server)
  app.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') route.onSend = [endStream, ...[route.onSend ?? []].flat()]
  })
  // A certificate of ours that names no workload of this trust domain may not even speak HTTP. Before Node's own
  // listener: once that one has the socket, a request that came with the handshake is served all the same.
  app.server.prependListener('secureConnection', (socket: unknown) => {
    if (!(socket instanceof TLSSocket)) return
    const id = peerSpiffeId(socket)
    if (id === undefined || workloadName(trustDomain, id) === undefined) socket.destroy()
  })
  return app
}

/** Fastify answers HEAD with what GET gives and reads it to its end, which a stream of events does not have. */
const endStream: onSendHookHandler = (_request, _reply, payload, done) => {
  if (payload instanceof Readable) payload.destroy()
  done(null, payload)
}

/** Every peer is a workload: that it names the transaction is for the log, and decides nothing. */
function givenTxn(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^txn_[A-Za-z0-9_-]{22}$/.test(header) ? header : undefined
}

/** Where a server that listens can be reached. */
export function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address()
  if (address === null || typeof address === 'string')
    throw new TypeError('the server does not listen on a port')
  return `https://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
