import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { Pool } from 'undici'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import type { Platform } from './platform.ts'

type Moment = (line: string) => Promise<void> | void

/**
 * Stands between the gateway and a service as both of them, and can be stopped at each request: TLS hides from a TCP
 * proxy which request it sees.
 */
export class RequestProxy {
  /** `POST /reservations`, before it goes on and when its answer is there. What rejects cuts the connection. */
  before: Moment = () => undefined
  after: Moment = () => undefined
  readonly #pool: Pool
  readonly #server: https.Server

  private constructor(platform: Platform, name: string, target: string) {
    const { trustDomain } = platform.config
    const as = (workload: string) => loadWorkload(platform.paths.certs, trustDomain, workload)
    const expected = spiffeId(trustDomain, name)
    this.#pool = createMtlsClient({
      material: as('gateway'),
      expected,
      origin: target,
      connectTimeoutMs: 15_000,
    })
    const tls = mtlsServerOptions(as(name), { clientCertificate: 'require' })
    this.#server = https.createServer(tls, (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  /** @param o.target `https://host:port` of the service. */
  static async start(
    t: { teardown(run: () => Promise<void>): unknown },
    platform: Platform,
    o: { readonly name: string; readonly port: number; readonly target: string },
  ): Promise<RequestProxy> {
    const proxy = new RequestProxy(platform, o.name, o.target)
    proxy.#server.listen(o.port, 'localhost')
    await once(proxy.#server, 'listening')
    t.teardown(() => proxy.stop())
    return proxy
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await this.#pool.destroy()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { method = '', url: path = '', headers } = request
    const line = `${method} ${path}`
    await this.before(line)
    const body = chunks.length === 0 ? null : Buffer.concat(chunks)
    const { connection: _connection, host: _host, 'transfer-encoding': _coding, ...rest } = headers
    const answer = await this.#pool.request({ method, path, headers: rest, body })
    const text = await answer.body.text()
    await this.after(line)
    const type = answer.headers['content-type']
    response.writeHead(answer.statusCode, typeof type === 'string' ? { 'content-type': type } : {}).end(text)
  }
}
