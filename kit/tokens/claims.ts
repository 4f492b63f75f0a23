import {
  audience,
  optionalSeconds,
  optionalText,
  optionalTexts,
  present,
  record,
  requireTime,
  scope,
  seconds,
  text,
} from './read.ts'
import { TokenRejected } from './rejected.ts'
import type { UnknownRecord } from './strict-json.ts'

/** How the token is bound to its holder (RFC 7800): by DPoP key (RFC 9449) or by certificate (RFC 8705). */
export interface Confirmation {
  readonly jkt?: string
  readonly 'x5t#S256'?: string
}

/** The claims of an access token, RFC 9068 section 2.2. Times are seconds since the epoch. */
export interface AccessClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly client_id: string
  /** Empty when the token carries none. */
  readonly scope: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly sid?: string
  /** Names the grant that it came from, so that the grant can be revoked. */
  readonly grant_id?: string
  /** Clients of the tokens that it was exchanged for, one after the other (RFC 8693): it counts as long as they do. */
  readonly exchanged_from?: readonly string[]
  /** Those tokens, by `jti`: it is taken back with each of them. */
  readonly exchanged_jtis?: readonly string[]
  readonly auth_time?: number
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly roles?: readonly string[]
  /** RFC 9396 section 9.1; checked as it was issued, and not read here. */
  readonly authorization_details?: readonly unknown[]
  readonly cnf?: Confirmation
}

/**
 * Reads the claims of an access token and checks issuer, audience and time (RFC 9068 section 4). Claims that are not
 * listed above are dropped.
 * @param expect.now milliseconds since the epoch
 * @throws TokenRejected
 */
export function readAccessClaims(
  payload: unknown,
  expect: {
    readonly issuer: string
    readonly audience: string
    readonly now: number
    readonly toleranceMs: number
  },
): AccessClaims {
  const given = record(payload, 'payload')
  const claims: AccessClaims = {
    iss: shared(text(given, 'iss'), expect.issuer),
    sub: text(given, 'sub'),
    aud: shared(audience(given), expect.audience),
    client_id: text(given, 'client_id'),
    scope: scope(given),
    iat: seconds(given, 'iat'),
    exp: seconds(given, 'exp'),
    jti: text(given, 'jti'),
    ...present({
      sid: optionalText(given, 'sid'),
      grant_id: optionalText(given, 'grant_id'),
      exchanged_from: optionalTexts(given, 'exchanged_from'),
      exchanged_jtis: optionalTexts(given, 'exchanged_jtis'),
      auth_time: optionalSeconds(given, 'auth_time'),
      acr: optionalText(given, 'acr'),
      amr: optionalTexts(given, 'amr'),
      roles: optionalTexts(given, 'roles'),
      authorization_details: details(given),
      cnf: confirmation(given),
    }),
  }
  if (claims.iss !== expect.issuer) throw new TokenRejected('bad_issuer')
  if (![claims.aud].flat().includes(expect.audience)) throw new TokenRejected('bad_audience')
  requireTime({ iat: claims.iat, exp: claims.exp, nbf: optionalSeconds(given, 'nbf') }, expect)
  return claims
}

/** Thousands of tokens say the same: they share the text that is there already. */
function shared<T>(given: T, expected: string): T | string {
  return given === expected ? expected : given
}

function details(claims: UnknownRecord): readonly unknown[] | undefined {
  const value = claims['authorization_details']
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw new TokenRejected('bad_claims', 'authorization_details')
  return value
}

// A binding that is not understood cannot be checked, and a bound token taken as unbound is a stolen one.
function confirmation(claims: UnknownRecord): Confirmation | undefined {
  if (claims['cnf'] === undefined) return undefined
  const cnf = record(claims['cnf'], 'cnf')
  const names = Object.keys(cnf)
  if (names.length === 0 || names.some((name) => name !== 'jkt' && name !== 'x5t#S256')) {
    throw new TokenRejected('bad_claims', 'cnf')
  }
  return present({ jkt: optionalText(cnf, 'jkt'), 'x5t#S256': optionalText(cnf, 'x5t#S256') })
}
