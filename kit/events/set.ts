import type { SigningKey } from '../keys/ring.ts'
import { signEs256 } from '../tokens/es256.ts'
import { audience, record, seconds, text } from '../tokens/read.ts'
import { TokenRejected } from '../tokens/rejected.ts'
import type { UnverifiedToken } from '../tokens/strict-jws.ts'
import type { EventClaims } from './claims.ts'

/** Media type of a SET without `application/` (RFC 8417 section 2.3): no other token can be taken for one. */
export const setType = 'secevent+jwt'

/** A security event token, RFC 8417 section 2.2. No `exp` and no `sub`, so that it is no access token either. */
export interface SetClaims extends EventClaims {
  readonly iss: string
  readonly aud: string
  readonly jti: string
  /** Seconds since the epoch. */
  readonly iat: number
  /** When it happened (section 2.2), seconds since the epoch with a fraction. */
  readonly toe: number
}

/** Signs a SET with ES256. */
export function signSet(claims: SetClaims, key: SigningKey): string {
  const header = { typ: setType, alg: 'ES256', kid: key.kid }
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${signEs256(input, key.privateKey).toString('base64url')}`
}

/** What every SET states, of whoever's making. */
export interface ReceivedSet {
  readonly jti: string
  /** When it happened, milliseconds since the epoch: `toe`, else `iat`. */
  readonly at: number
  /** By event type; unknown ones are for the reader to pass over (RFC 8417 section 2.2). */
  readonly events: Readonly<Record<string, unknown>>
  /** Undefined where the transmitter names the subject inside the event, as RISC once did. */
  readonly subject: Readonly<Record<string, unknown>> | undefined
}

/**
 * Reads the claims of a SET whose signature is good.
 * @param expect.now milliseconds since the epoch
 * @throws TokenRejected
 */
export function readSet(
  payload: UnverifiedToken['payload'],
  expect: {
    readonly issuer: string
    readonly audience: string
    readonly now: number
    readonly toleranceMs: number
  },
): ReceivedSet {
  if (text(payload, 'iss') !== expect.issuer) throw new TokenRejected('bad_issuer')
  if (![audience(payload)].flat().includes(expect.audience)) throw new TokenRejected('bad_audience')
  // SSF section 4.1.5: an `exp` makes a SET usable where an ID or access token is wanted.
  if (payload['exp'] !== undefined) throw new TokenRejected('bad_claims', 'exp')
  const iat = seconds(payload, 'iat')
  if (iat * 1000 > expect.now + expect.toleranceMs) throw new TokenRejected('not_yet_valid')
  const events = record(payload['events'], 'events')
  if (Object.keys(events).length === 0) throw new TokenRejected('bad_claims', 'events')
  const subject = payload['sub_id'] === undefined ? undefined : record(payload['sub_id'], 'sub_id')
  // Nobody revokes what is yet to be issued.
  const at = Math.min(timeOf(payload['toe']) ?? iat * 1000, expect.now + expect.toleranceMs)
  return { jti: text(payload, 'jti'), at, events, subject }
}

function timeOf(toe: unknown): number | undefined {
  if (toe === undefined) return undefined
  if (typeof toe !== 'number' || !Number.isFinite(toe) || toe < 0)
    throw new TokenRejected('bad_claims', 'toe')
  return toe * 1000
}
