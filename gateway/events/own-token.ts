import type { Clock } from '@gatehouse/kit/clock'
import { eventsResource, eventsScope } from '@gatehouse/kit/events/protocol'
import type { MachineToken } from '../sessions/relying-party.ts'

/** Asked for anew this long before it expires. */
const aheadMs = 30_000

/** The gateway's own access token to the IdP's events, by client credentials, kept while it is good. */
export class OwnToken {
  readonly #ask: (resource: string, scope: string) => Promise<MachineToken>
  readonly #clock: Clock
  #held: { readonly token: string; readonly until: number } | undefined

  constructor(options: {
    readonly ask: (resource: string, scope: string) => Promise<MachineToken>
    readonly clock: Clock
  }) {
    this.#ask = options.ask
    this.#clock = options.clock
  }

  /** @throws IdpUnavailable, IdpRefused */
  async get(): Promise<string> {
    const now = this.#clock.now()
    if (this.#held !== undefined && now < this.#held.until) return this.#held.token
    const { accessToken, lifeMs } = await this.#ask(eventsResource, eventsScope)
    this.#held = { token: accessToken, until: now + lifeMs - aheadMs }
    return accessToken
  }

  /** After it was refused. */
  forget(): void {
    this.#held = undefined
  }
}
