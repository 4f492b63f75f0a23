import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Test = { teardown(run: () => Promise<void>): unknown }

/** A site that records what comes. */
export class Site {
  readonly seen: IncomingMessage[] = []
  body = ''
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello')
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.seen.push(request)
      request.on('data', (chunk: Buffer) => (this.body += chunk.toString()))
      this.answer(request, response)
    })
  }

  static async start(t: Test, server: Server = createServer()): Promise<Site> {
    const site = new Site(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return site
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
}
