import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { http } from '@gatehouse/kit/http/node-http'

const channel = 'http.server.request.start'

/** Every secret that travels in a request header or URL of this process: bearer tokens, cookies, codes. */
export class SeenSecrets {
  readonly #found = new Map<string, string>()

  readonly #look = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('request' in message)) return
    if (message.request instanceof http.IncomingMessage) this.#keep(message.request)
  }

  constructor() {
    subscribe(channel, this.#look)
  }

  /** What it is, and its text. */
  list(): readonly (readonly [string, string])[] {
    return [...this.#found].map(([value, what]) => [what, value] as const)
  }

  stop(): void {
    unsubscribe(channel, this.#look)
  }

  #keep({ headers, url = '' }: IncomingMessage): void {
    const [scheme, credentials] = headers.authorization?.split(' ') ?? []
    if (credentials !== undefined) this.#found.set(credentials, `credentials (${scheme})`)
    for (const cookie of headers.cookie?.split('; ') ?? []) {
      const [name = '', ...value] = cookie.split('=')
      this.#found.set(value.join('='), `cookie ${name}`)
    }
    const { searchParams } = new URL(url, 'http://localhost')
    for (const name of ['code', 'state', 'request_uri', 'id_token_hint']) {
      const value = searchParams.get(name)
      if (value !== null) this.#found.set(value, `query parameter ${name}`)
    }
  }
}
