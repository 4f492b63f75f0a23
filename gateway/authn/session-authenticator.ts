import type { IncomingMessage } from 'node:http'
import type { Problem } from '@gatehouse/kit/errors'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'

/** What a live browser session proves to the pipeline; the cookie itself stays in `gateway/sessions`. */
export interface SessionCredential {
  readonly claims: AccessClaims
  readonly sid: string
  /** End of the session, milliseconds since the epoch: an internal token never outlives it. */
  readonly expiresAt: number
  /** Stable name of the session for caches and limits; never the cookie's value. */
  readonly key: string
}

export type SessionOutcome =
  | { readonly kind: 'identity'; readonly session: SessionCredential }
  | { readonly kind: 'abstain' }
  | { readonly kind: 'reject'; readonly problem: Problem }

/** Cookie → session, the CSRF rules for unsafe methods included. */
export interface SessionAuthenticator {
  /**
   * @param trusted origins besides the gateway's own from which the request may come.
   * @param before why a session that is not at hand is not looked up; undefined when it is.
   */
  authenticate(
    request: IncomingMessage,
    trusted?: ReadonlySet<string>,
    before?: () => Problem | undefined,
  ): SessionOutcome | Promise<SessionOutcome>
}
