import { conforms } from '@gatehouse/kit/conforms'
import { Type, type Static } from '@gatehouse/kit/schema'
import type { MasterKey } from '@gatehouse/kit/secrets'
import { type AccessClaims, readAccessClaims } from '@gatehouse/kit/tokens/claims'
import { parseUnverified } from '@gatehouse/kit/tokens/strict-jws'
import type { SessionCredential } from '../authn/session-authenticator.ts'
import type { RevocationSubject } from '../revocation/index.ts'
import type { SessionRow } from './session-storage.ts'

const SessionRecordSchema = Type.Object({
  accessToken: Type.String(),
  refreshToken: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  /** Milliseconds since the epoch. */
  signedInAt: Type.Optional(Type.Integer()),
  userAgent: Type.Optional(Type.String()),
})

/** What rests sealed in a session's row. */
export type SessionRecord = Static<typeof SessionRecordSchema>

/** A session as this process holds it: what its tokens prove, and when it was last looked after. */
export interface Session {
  readonly key: string
  readonly version: number
  readonly sub: string
  readonly sid: string
  readonly endsAt: number
  readonly record: SessionRecord
  readonly claims: AccessClaims
  /** What the revocation index looks at, and the key that signed the access token. */
  readonly revocable: RevocationSubject
  readonly kid: string
  readonly credential: SessionCredential
  lastSeenAt: number
  /** When the store was last asked whether the session still is. */
  checkedAt: number
}

const context = (key: string): string => `gateway session ${key}`

export function sealRecord(record: SessionRecord, key: string, masterKey: MasterKey): string {
  return masterKey.seal(JSON.stringify(record), context(key))
}

/**
 * Opens a row. The claims were verified before the record was sealed and are authentic with it, so that they are only
 * read here: a session outlives a restart while the IdP is away. An access token that has expired is read all the same,
 * to be renewed; `accessEnd` says when it may no longer be used.
 * @throws SecretsError when the record was sealed under a master key that is gone; TokenRejected when its token is of
 * another issuer or audience than the configuration names now.
 */
export function openSession(
  row: SessionRow,
  masterKey: MasterKey,
  expect: { issuer: string; audience: string },
): Session {
  const record: unknown = JSON.parse(masterKey.open(row.record, context(row.id_hash)))
  if (!conforms(SessionRecordSchema, record))
    throw new TypeError('the session record does not have the expected shape')
  const { header, payload } = parseUnverified(record.accessToken)
  const claims = readAccessClaims(payload, { ...expect, now: issuedAt(payload), toleranceMs: 0 })
  return {
    key: row.id_hash,
    version: row.version,
    sub: row.sub,
    sid: row.sid,
    endsAt: row.ends_at,
    record,
    claims,
    revocable: { ...claims, sid: row.sid },
    kid: header.kid,
    credential: { claims, sid: row.sid, expiresAt: row.ends_at, key: row.id_hash },
    lastSeenAt: row.last_seen_at,
    checkedAt: 0,
  }
}

function issuedAt(payload: Readonly<Record<string, unknown>>): number {
  return typeof payload['iat'] === 'number' ? payload['iat'] * 1000 : 0
}

const mostAheadMs = 60_000
const mostMarginMs = 10_000

/** When the access token is to be renewed while it can still be used. Milliseconds since the epoch. */
export function renewFrom({ claims }: Session): number {
  const life = (claims.exp - claims.iat) * 1000
  return claims.exp * 1000 - Math.min(mostAheadMs, life / 4)
}

/** When the access token may no longer be used: a little early, so that it does not expire on its way. */
export function accessEnd({ claims }: Session): number {
  const life = (claims.exp - claims.iat) * 1000
  return claims.exp * 1000 - Math.min(mostMarginMs, life / 10)
}
