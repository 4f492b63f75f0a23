import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import { eventsResource, eventsScope } from '@gatehouse/kit/events/protocol'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { readAccessClaims } from '@gatehouse/kit/tokens/claims'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'

export interface ReceiverDeps {
  readonly ring: KeyRing
  readonly clock: Clock
  readonly issuer: string
  /** `client_id` of everyone who may poll. */
  readonly receivers: ReadonlySet<string>
}

const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * Who polls, by an access token of our own for the events (RFC 8936 section 3 leaves the how to the parties).
 * @throws Problem `missing_credentials`, `invalid_token`, `insufficient_scope`
 */
export function authenticateReceiver(deps: ReceiverDeps, authorization: string | undefined): string {
  const challenge = 'Bearer realm="events"'
  const token = bearer.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw new Problem('missing_credentials', { headers: { 'www-authenticate': challenge } })
  const claims = verified(deps, token, challenge)
  const mayPoll = claims.scope.split(' ').includes(eventsScope) && deps.receivers.has(claims.client_id)
  if (mayPoll) return claims.client_id
  throw new Problem('insufficient_scope', {
    headers: { 'www-authenticate': `${challenge}, error="insufficient_scope", scope="${eventsScope}"` },
  })
}

function verified({ ring, clock, issuer }: ReceiverDeps, token: string, challenge: string) {
  try {
    const unverified = parseUnverified(token)
    requireType(unverified, 'at+jwt')
    const key = ring.keys().find(({ kid }) => kid === unverified.header.kid)
    if (key === undefined) throw new TokenRejected('unknown_key')
    requireEs256(unverified, key.publicKey)
    const expect = { issuer, audience: eventsResource, now: clock.now(), toleranceMs: 0 }
    return readAccessClaims(unverified.payload, expect)
  } catch (cause) {
    if (!(cause instanceof TokenRejected)) throw cause
    const headers = { 'www-authenticate': `${challenge}, error="invalid_token"` }
    throw new Problem('invalid_token', { headers, cause })
  }
}
