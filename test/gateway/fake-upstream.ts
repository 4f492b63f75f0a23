import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls'
import { defaultHttpLimits } from '@gatehouse/kit/http/limits'
import { shareWebSockets } from '@gatehouse/kit/http/shared-websockets'
import type { WorkloadMaterial } from '@gatehouse/kit/mtls/material'
import { peerSpiffeId } from '@gatehouse/kit/mtls/identity'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'

/** A request as a service got it. */
export interface Seen {
  /** SPIFFE ID of the client's certificate. */
  readonly peer: string | undefined
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  /** Empty until the whole of it has come. */
  body: string
  trailers: IncomingMessage['trailers']
  /** Whether the request broke off. */
  aborted: boolean
}

export type Answer = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void

/** A service that proves who it is by real mTLS, records what comes and answers what it is told to. */
export class FakeUpstream {
  readonly seen: Seen[] = []
  /** What it does instead of answering 200 with `{"ok":true}`, once the body has come. */
  answer: Answer | undefined
  /** What it does with each connection instead of speaking HTTP. */
  raw: ((socket: TLSSocket) => void) | undefined
  /** What it does with a request for another protocol. */
  upgrade: ((request: IncomingMessage, socket: Duplex) => void) | undefined
  connections = 0
  readonly #http: https.Server
  readonly #tls: TlsServer
  readonly #sockets = new Set<TLSSocket>()
  readonly #tcp = new Map<number, Socket>()

  private constructor(material: WorkloadMaterial, shares: boolean) {
    const options = {
      ...mtlsServerOptions(material, { clientCertificate: 'require' }),
      ALPNProtocols: shares ? ['http/1.1', 'h2'] : ['http/1.1'],
    }
    this.#http = https.createServer(options, (request, response) => this.#serve(request, response))
    if (shares) shareWebSockets(this.#http, defaultHttpLimits)
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex) => this.upgrade?.(request, socket))
    this.#tls = createTlsServer(options, (socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => this.#sockets.delete(socket))
      if (this.raw === undefined) this.#http.emit('secureConnection', socket)
      else this.raw(socket)
    })
    this.#tls.on('connection', (tcp: Socket) => this.#tcp.set(tcp.remotePort ?? 0, tcp))
  }

  /** @param shares whether its WebSockets may share connections, as those of the kit's services may. */
  static async start(material: WorkloadMaterial, port: number, shares = true): Promise<FakeUpstream> {
    const upstream = new FakeUpstream(material, shares)
    await new Promise<void>((resolve, reject) => {
      upstream.#tls.once('error', reject).listen(port, 'localhost', resolve)
    })
    return upstream
  }

  /** Ends all its connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Ends a connection as a crash does, by RST. */
  reset(socket: TLSSocket): void {
    this.#tcp.get(socket.remotePort ?? 0)?.resetAndDestroy()
  }

  /** The one request that came since the last look. */
  only(): Seen {
    const [seen, ...more] = this.seen.splice(0)
    if (seen === undefined || more.length > 0)
      throw new Error(`${more.length + (seen ? 1 : 0)} requests came`)
    return seen
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#tls.close(resolve))
    this.cut()
    await closed
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const seen: Seen = {
      peer: request.socket instanceof TLSSocket ? peerSpiffeId(request.socket) : undefined,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: '',
      trailers: {},
      aborted: false,
    }
    this.seen.push(seen)
    request.once('close', () => (seen.aborted = !request.complete))
    request.on('error', () => (seen.aborted = true))
    if (this.answer !== undefined) return this.answer(request, response, seen)
    readBody(request, seen, () => sendJson(response, 200, { ok: true }))
  }
}

export function readBody(request: IncomingMessage, seen: Seen, then: () => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    seen.body = Buffer.concat(chunks).toString()
    seen.trailers = request.trailers
    then()
  })
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: object = {},
): void {
  const text = JSON.stringify(body)
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers }
  response.writeHead(status, all).end(text)
}
