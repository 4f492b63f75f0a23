import type { AdapterPayload } from 'oidc-provider'
import { sidsOf } from '../events/endings.ts'
import { otherGrantsOf } from '../storage/session-merge.ts'

/** What a client takes part in of a session of the IdP: its own name for it, and its grants. */
export interface Part {
  readonly clientId: string
  readonly sid: string
  readonly grantIds: readonly string[]
  /** They were given for longer than the session (`offline_access`). */
  readonly outlives: boolean
}

/** The clients of a session, as it was stored; one that several tabs brought at once has several parts. */
export function partsOf({ authorizations }: Pick<AdapterPayload, 'authorizations'>): readonly Part[] {
  return Object.entries(authorizations ?? {}).flatMap(([clientId, entry]) => {
    const { sid, grantId, persistsLogout } = entry
    if (sid === undefined) return []
    const grantIds = [grantId ?? [], otherGrantsOf({ entry }, 'entry')].flat()
    const first = { clientId, sid, grantIds, outlives: persistsLogout === true }
    const others = sidsOf({ entry }).filter((other) => other !== sid)
    return [first, ...others.map((other) => ({ ...first, sid: other, grantIds: [] }))]
  })
}
