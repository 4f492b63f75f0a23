/** What can be said in a security event, and the URIs under which it is said. */

const caep = 'https://schemas.openid.net/secevent/caep/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const own = 'urn:gatehouse:event:'

/** Event types: CAEP 1.0, RISC 1.0, and ours where neither has a word for it. */
export const eventTypes = {
  'session-revoked': `${caep}session-revoked`,
  'token-claims-change': `${caep}token-claims-change`,
  'credential-change': `${caep}credential-change`,
  'account-disabled': `${risc}account-disabled`,
  'account-enabled': `${risc}account-enabled`,
  'account-purged': `${risc}account-purged`,
  'grant-revoked': `${own}grant-revoked`,
  'token-revoked': `${own}token-revoked`,
  'client-deleted': `${own}client-deleted`,
  'key-retired': `${own}key-retired`,
} as const

export type EventName = keyof typeof eventTypes

/** One login has ended. `sid` is in every token that came from it. */
interface SessionRevoked {
  readonly type: 'session-revoked'
  readonly sub: string
  readonly sid: string
}

/** What is true of an account changed, such as its roles: tokens that were made before tell what is no longer so. */
interface TokenClaimsChange {
  readonly type: 'token-claims-change'
  readonly sub: string
  /** What tokens say from now on. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** How an account proves itself changed, which ends what was handed out before. */
interface CredentialChange {
  readonly type: 'credential-change'
  readonly sub: string
  readonly credentialType: 'password' | 'fido2-platform' | 'fido2-roaming' | 'app' | 'recovery'
  readonly changeType: 'create' | 'revoke' | 'update' | 'delete'
}

interface AccountChange {
  readonly type: 'account-disabled' | 'account-enabled' | 'account-purged'
  readonly sub: string
}

/** A grant ended with all that came from it. `grant` is what its tokens carry as `grant_id`. */
interface GrantRevoked {
  readonly type: 'grant-revoked'
  readonly grant: string
}

/** One access token was given back (RFC 7009). */
interface TokenRevoked {
  readonly type: 'token-revoked'
  readonly jti: string
}

interface ClientDeleted {
  readonly type: 'client-deleted'
  readonly clientId: string
}

/** A signing key may no longer be trusted, or is simply over. */
interface KeyRetired {
  readonly type: 'key-retired'
  readonly kid: string
}

export type SecurityEvent =
  | SessionRevoked
  | TokenClaimsChange
  | CredentialChange
  | AccountChange
  | GrantRevoked
  | TokenRevoked
  | ClientDeleted
  | KeyRetired
