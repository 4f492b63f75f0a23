import type { AuditTable } from '@gatehouse/kit/audit'
import type { KeyRingTable } from '@gatehouse/kit/keys/ring'
import type { Store } from '@gatehouse/kit/store/open'
import type { EventTables } from '../events/table.ts'

/** Truth is 0 or 1, times are milliseconds since the epoch, lists and objects are JSON text. */
export interface AccountTable {
  id: string
  /** Folded (see accounts/username.ts), which is what makes it unique whatever the case. */
  username: string
  name: string
  /** Sealed under the master key. */
  email_sealed: string | null
  /** JSON (accounts/personal-claims.ts), sealed likewise. */
  claims_sealed: string | null
  password_hash: string
  roles: string
  disabled: number
  created_at: number
  updated_at: number
}

export interface ClientTable {
  client_id: string
  /** Client metadata as RFC 7591 names it, without the secret. */
  metadata: string
  /** Keyed hash of the client secret; null for clients without one. */
  secret_mac: string | null
  created_at: number
  updated_at: number
  /** As in the metadata. Null: never. */
  expires_at: number | null
}

/**
 * Everything that oidc-provider keeps: sessions, interactions, grants, codes, refresh tokens, pushed requests.
 * What could be presented (ids, user codes) is stored as its SHA-256, the rest of the row is sealed.
 */
export interface ArtifactTable {
  model: string
  id_hash: string
  payload_sealed: string
  grant_hash: string | null
  uid_hash: string | null
  user_code_hash: string | null
  account_id: string | null
  client_id: string | null
  consumed_at: number | null
  expires_at: number | null
}

/** One row per proof or assertion that must not be accepted twice. */
export interface ReplayTable {
  id_hash: string
  expires_at: number
}

/** For the time of the grace: which refresh token took the place of a used one. */
export interface SuccessorTable {
  /** Of the used one. */
  id_hash: string
  successor_sealed: string | null
  answered_at: number | null
  /** 1: it was used by two requests at the same time. */
  contested: number
  expires_at: number
}

/** As whom the clients of a sector know a person (OpenID Connect Core section 8.1). */
export interface PairwiseTable {
  sector: string
  account_id: string
  subject: string
}

/** What a person allowed a client for good, until it is taken back. Scopes are separated by spaces. */
export interface ConsentTable {
  account_id: string
  client_id: string
  openid_scope: string
  /** JSON object: resource indicator to scopes. */
  resource_scopes: string
  granted_at: number
  updated_at: number
}

export interface IdpTables extends AuditTable, KeyRingTable, EventTables {
  accounts: AccountTable
  clients: ClientTable
  artifacts: ArtifactTable
  replays: ReplayTable
  successors: SuccessorTable
  pairwise_subjects: PairwiseTable
  consents: ConsentTable
}

export type IdpStore = Store<IdpTables>
