import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import { TLSSocket } from 'node:tls'
import { publicJwk } from '../keys/jwk.ts'
import { peerSpiffeId, workloadName } from '../mtls/identity.ts'
import { mtlsServerOptions } from '../mtls/tls.ts'
import type { Trust } from './trust.ts'

/** A request that came to the door from a service. */
export interface DoorRequest {
  /** Name of the workload that sent it. */
  readonly from: string | undefined
  readonly method: string
  /** `/<service>/<path>` */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type DoorHandler = (request: DoorRequest, response: ServerResponse) => void | Promise<void>

/** A gateway's internal door for services under test: real mTLS, the JWKS, and whatever `handler` does. */
export class FakeDoor {
  /** What happens to everything but the JWKS; 403 unless said otherwise, as without any edge. */
  handler: DoorHandler = (_request, response) => sendJson(response, 403, { code: 'forbidden' })
  /** The document that is served, and how often it was. */
  jwks: unknown
  jwksFetches = 0
  readonly requests: DoorRequest[] = []
  readonly #trust: Trust
  readonly #server: https.Server

  private constructor(trust: Trust, identity: string) {
    this.#trust = trust
    this.jwks = { keys: [publicJwk(trust.key.publicKey)] }
    const tls = mtlsServerOptions(trust.workload(identity), { clientCertificate: 'request' })
    this.#server = https.createServer(tls, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  /** @param o.identity the workload that the door proves to be; default `gateway`. */
  static async start(
    trust: Trust,
    o: { readonly port?: number; readonly identity?: string } = {},
  ): Promise<FakeDoor> {
    const door = new FakeDoor(trust, o.identity ?? 'gateway')
    await new Promise<void>((resolve) => door.#server.listen(o.port ?? 0, '127.0.0.1', resolve))
    return door
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the door is not open')
    return address.port
  }

  get origin(): string {
    return `https://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/.well-known/jwks.json') {
      this.jwksFetches += 1
      sendJson(response, 200, this.jwks)
      return
    }
    // Asked to wait for other keys: this door holds no requests, and keys are fetched all the same.
    if (request.url?.startsWith('/.well-known/jwks.json?') === true) {
      sendJson(response, 404, { code: 'not_found' })
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const peer = request.socket instanceof TLSSocket ? peerSpiffeId(request.socket) : undefined
    const seen: DoorRequest = {
      from: peer === undefined ? undefined : workloadName(this.#trust.trustDomain, peer),
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    this.requests.push(seen)
    await this.handler(seen, response)
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
