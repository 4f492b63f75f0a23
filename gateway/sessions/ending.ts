import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { sessionsResource, sessionsScope } from '@gatehouse/kit/logout/protocol'
import type { RevocationIndex } from '../revocation/index.ts'
import { OwnToken } from './own-token.ts'
import type { RelyingParty } from './relying-party.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

export interface EndingOptions {
  readonly sessions: Sessions
  readonly revocation: RevocationIndex
  readonly relyingParty: RelyingParty
  readonly clock: Clock
  readonly log: Logger
}

/** How sessions end because their person says so: here first, whatever the IdP does. */
export class Ending {
  readonly #options: EndingOptions
  readonly #token: OwnToken

  constructor(options: EndingOptions) {
    this.#options = options
    const { relyingParty, clock } = options
    const ask = (resource: string, scope: string) => relyingParty.clientCredentials(resource, scope)
    this.#token = new OwnToken({ ask, resource: sessionsResource, scope: sessionsScope, clock })
  }

  /** Ends the session at this gateway alone. @throws StoreError */
  async here(session: Session): Promise<void> {
    await this.#options.sessions.end(session.key)
    // By `jti`: the IdP's own session may go on, and a new sign-in from it carries the same `sid`.
    this.#options.revocation.revoke({ by: 'jti', value: session.claims.jti })
  }

  /**
   * Ends the session, revokes its refresh token, and ends the login at the IdP, which tells its other clients.
   * @returns whether the login has ended there too: not when the IdP is away, or is one that only people can be sent to
   * @throws StoreError
   */
  async everywhere(session: Session): Promise<boolean> {
    await this.here(session)
    await this.#revoke(session)
    return this.#endLogin(session)
  }

  async #revoke({ key, record: { refreshToken } }: Session): Promise<void> {
    if (refreshToken === undefined) return
    const { relyingParty, log } = this.#options
    try {
      await relyingParty.revoke(refreshToken)
    } catch (err) {
      log.warn({ err, session: key }, 'the refresh token was not revoked at the identity server')
    }
  }

  async #endLogin({ key, sub, sid }: Session): Promise<boolean> {
    const { relyingParty, log } = this.#options
    try {
      return await relyingParty.endLogin({ sub, sid }, () => this.#token.get())
    } catch (err) {
      this.#token.forget()
      log.warn({ err, session: key }, 'the login was not ended at the identity server')
      return false
    }
  }
}
