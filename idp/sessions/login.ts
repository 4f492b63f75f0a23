import type { AdapterPayload } from 'oidc-provider'

/** What a client takes part in of a session of the IdP: its own name for it, and its grant. */
export interface Part {
  readonly clientId: string
  readonly sid: string
  readonly grantId: string | undefined
  /** Its grant was given for longer than the session (`offline_access`). */
  readonly outlives: boolean
}

/** The clients of a session, as it was stored. */
export function partsOf({ authorizations }: Pick<AdapterPayload, 'authorizations'>): readonly Part[] {
  return Object.entries(authorizations ?? {}).flatMap(([clientId, { sid, grantId, persistsLogout }]) =>
    sid === undefined ? [] : [{ clientId, sid, grantId, outlives: persistsLogout === true }],
  )
}
