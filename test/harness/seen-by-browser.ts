import type { BrowserContext, Request } from 'playwright-core'
import { looksLikeAToken } from './looks-like-a-token.ts'

/** Everything that reached a browser: URLs, headers, bodies. */
export class SeenByBrowser {
  readonly #pieces: { readonly where: string; readonly text: string }[] = []
  readonly #pending: Promise<void>[] = []

  constructor(context: BrowserContext) {
    context.on('requestfinished', (request) => this.#pending.push(this.#keep(request)))
  }

  /** Where a signed token (three parts of base64url) was seen. */
  async tokens(): Promise<readonly string[]> {
    await Promise.all(this.#pending)
    return this.#pieces.filter(({ text }) => looksLikeAToken.test(text)).map(({ where }) => where)
  }

  /** How much was looked at; nothing at all would prove nothing. */
  get count(): number {
    return this.#pieces.length
  }

  async #keep(request: Request): Promise<void> {
    const where = `${request.method()} ${new URL(request.url()).pathname}`
    this.#pieces.push({ where: `${where}: URL`, text: request.url() })
    const response = await request.response()
    if (response === null) return
    for (const { name, value } of await response.headersArray()) {
      this.#pieces.push({ where: `${where}: header ${name}`, text: value })
    }
    // A redirect has no body, and one that was left behind cannot be asked any more.
    const body = await response.text().catch(() => '')
    this.#pieces.push({ where: `${where}: body`, text: body })
  }
}
