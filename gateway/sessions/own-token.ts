import type { Clock } from '@gatehouse/kit/clock'
import type { MachineToken } from './relying-party.ts'

/** Asked for anew this long before it expires. */
const aheadMs = 30_000

export interface OwnTokenOptions {
  readonly ask: (resource: string, scope: string) => Promise<MachineToken>
  /** What the token is for (RFC 8707), and what it lets us do there. */
  readonly resource: string
  readonly scope: string
  readonly clock: Clock
}

/** The gateway's own access token for one thing at the IdP, by client credentials, kept while it is good. */
export class OwnToken {
  readonly #options: OwnTokenOptions
  #held: { readonly token: string; readonly until: number } | undefined

  constructor(options: OwnTokenOptions) {
    this.#options = options
  }

  /** @throws IdpUnavailable, IdpRefused */
  async get(): Promise<string> {
    const { ask, resource, scope, clock } = this.#options
    const now = clock.now()
    if (this.#held !== undefined && now < this.#held.until) return this.#held.token
    const { accessToken, lifeMs } = await ask(resource, scope)
    this.#held = { token: accessToken, until: now + lifeMs - aheadMs }
    return accessToken
  }

  /** After it was refused. */
  forget(): void {
    this.#held = undefined
  }
}
