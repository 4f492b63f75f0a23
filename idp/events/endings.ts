import type { SecurityEvent } from '@gatehouse/kit/events/event'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import type { AdapterPayload } from 'oidc-provider'

/** The part of a grant's hash that its access tokens carry as `grant_id`: 126 bits name it, and give nobody the grant. */
const grantNameLength = 21

/** What the tokens of a grant carry as `grant_id`. @param grantHash `idHash` of the grant's id */
export function grantName(grantHash: string): string {
  return grantHash.slice(0, grantNameLength)
}

export function grantRevoked(grantHash: string): SecurityEvent {
  return { type: 'grant-revoked', grant: grantName(grantHash) }
}

/**
 * What ends with a session of the IdP: each client has a `sid` of its own in it.
 * @param session as it was stored
 * @param kept `sid`s that go on, because the session only got another id
 */
export function sessionEnded(session: AdapterPayload, kept: ReadonlySet<string>): readonly SecurityEvent[] {
  const { accountId } = session
  if (accountId === undefined) return []
  return sidsOf(session.authorizations)
    .filter((sid) => !kept.has(sid))
    .map((sid) => ({ type: 'session-revoked', sub: accountId, sid }))
}

/** The `sid`s of a session's clients. A client that two tabs brought at once has several (storage/session-merge.ts). */
export function sidsOf(authorizations: unknown): readonly string[] {
  if (!isRecord(authorizations)) return []
  return Object.values(authorizations).flatMap((entry) => {
    if (!isRecord(entry)) return []
    const { sid, sids } = entry
    return [sid, ...(Array.isArray(sids) ? sids : [])].filter((value) => typeof value === 'string')
  })
}
