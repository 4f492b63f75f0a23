import { TokenRejected, type UnverifiedToken } from '@gatehouse/kit/tokens/strict-jws'

const toleranceMs = 10_000
/** Older logout tokens are refused, so that a `jti` need be remembered only this long. */
const maxAgeMs = 5 * 60_000
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** Whom a logout token signs out: one login, or every login of an account. */
export interface LogoutClaims {
  readonly jti: string
  readonly by: 'sid' | 'sub'
  readonly value: string
  /** When its `jti` may be forgotten, milliseconds since the epoch. */
  readonly forgetAt: number
}

/**
 * Checks the claims of a logout token whose signature is good, OpenID Connect Back-Channel Logout 1.0 section 2.6.
 * @throws TokenRejected
 */
export function readLogoutClaims(
  payload: UnverifiedToken['payload'],
  expect: { readonly issuer: string; readonly clientId: string; readonly now: number },
): LogoutClaims {
  const { iss, aud, jti, events, sid, sub, nonce } = payload
  if (iss !== expect.issuer) throw new TokenRejected('bad_issuer')
  if (![aud].flat().includes(expect.clientId)) throw new TokenRejected('bad_audience')
  requireFresh(payload, expect.now)
  if (nonce !== undefined) throw new TokenRejected('bad_claims', 'nonce')
  if (!isLogoutEvent(events)) throw new TokenRejected('bad_claims', 'events')
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw new TokenRejected('bad_claims', 'jti')
  const forgetAt = expect.now + maxAgeMs + 2 * toleranceMs
  if (typeof sid === 'string' && sid !== '') return { jti, by: 'sid', value: sid, forgetAt }
  if (typeof sub === 'string' && sub !== '') return { jti, by: 'sub', value: sub, forgetAt }
  throw new TokenRejected('bad_claims', 'sid or sub')
}

function requireFresh({ iat, exp }: UnverifiedToken['payload'], now: number): void {
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw new TokenRejected('bad_claims', 'iat')
  if (iat * 1000 > now + toleranceMs) throw new TokenRejected('not_yet_valid')
  if (iat * 1000 < now - maxAgeMs - toleranceMs) throw new TokenRejected('expired')
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new TokenRejected('bad_claims', 'exp')
  if (exp * 1000 <= now - toleranceMs) throw new TokenRejected('expired')
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null) return false
  const event: unknown = Reflect.get(events, logoutEvent)
  return typeof event === 'object' && event !== null && !Array.isArray(event)
}
