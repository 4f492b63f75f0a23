import Fastify from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { listenAndAnnounce } from './listen.ts'
import { poolOf } from './pool.ts'
import { readSettings } from './settings.ts'

// The floor for Node: Fastify's router and undici's dispatch written to the raw response, nothing else.

const pool = poolOf(readSettings())

class Forward implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  #left = -1

  constructor(response: ServerResponse) {
    this.#response = response
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#left = Number(headers['content-length'] ?? -1)
    this.#response.writeHead(status, headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#left -= chunk.length
    if (this.#left === 0) this.#response.end(chunk)
    else if (!this.#response.write(chunk)) {
      controller.pause()
      this.#response.once('drain', () => controller.resume())
    }
  }

  onResponseEnd(): void {
    if (!this.#response.writableEnded) this.#response.end()
  }

  onResponseError(): void {
    this.#response.destroy()
  }
}

function forward(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  const { host: _host, connection: _connection, ...headers } = request.raw.headers
  pool.dispatch({ path: request.raw.url ?? '/', method: 'GET', headers }, new Forward(reply.raw))
}

const app = Fastify({ logger: false })
app.get('/*', forward)
await listenAndAnnounce(app)
