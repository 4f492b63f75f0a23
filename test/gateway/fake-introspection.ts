import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody else's introspection endpoint (RFC 7662): what it was asked, and what it answers. */
export class FakeIntrospection {
  readonly asked: { readonly token: string | null; readonly authorization: string | undefined }[] = []
  /** By token; inactive when there is none. */
  readonly known = new Map<string, object>()
  /** What it does instead of answering. */
  instead: ((response: ServerResponse) => void) | undefined
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('token')
      this.asked.push({ token, authorization: request.headers.authorization })
      if (this.instead !== undefined) return this.instead(response)
      const answer = this.known.get(token ?? '') ?? { active: false }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })

  static async start(t: { teardown(run: () => Promise<void>): unknown }): Promise<FakeIntrospection> {
    const fake = new FakeIntrospection()
    await new Promise<void>((resolve) => fake.#server.listen(0, 'localhost', resolve))
    t.teardown(() => fake.#stop())
    return fake
  }

  get config(): string {
    const { port }: Pick<AddressInfo, 'port'> = { port: 0, ...Object(this.#server.address()) }
    const endpoint = `endpoint: 'http://localhost:${port}/introspect'`
    return `introspection: { ${endpoint}, issuer: ${this.issuer}, clientId: gate, clientSecret: 0123456789secret, timeout: 1500ms }`
  }

  readonly issuer = 'https://other.example'

  /** An answer about a good token, but for what is changed. */
  claims(changes: object = {}): object {
    const iat = Math.floor(Date.now() / 1000)
    return {
      active: true,
      sub: 'acc-eve',
      client_id: 'other-app',
      aud: 'urn:gatehouse:api',
      scope: 'orders:read',
      iat,
      exp: iat + 300,
      token_type: 'Bearer',
      ...changes,
    }
  }

  async #stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
