import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'

type Callback = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Holds the provider that answers now. The library reads its keys when it is built, so a rotation builds another one
 * and puts it here; requests under way finish on the one they began with.
 */
export class ProviderHost {
  readonly #build: () => Provider
  #provider: Provider
  #callback: Callback

  constructor(build: () => Provider) {
    this.#build = build
    this.#provider = build()
    this.#callback = this.#provider.callback()
  }

  get provider(): Provider {
    return this.#provider
  }

  renew(): void {
    const provider = this.#build()
    this.#callback = provider.callback()
    this.#provider = provider
  }

  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#callback(request, response)
  }
}
