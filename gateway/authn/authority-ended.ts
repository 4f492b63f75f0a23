import { Problem } from '@gatehouse/kit/errors'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken } from '../http/challenge.ts'
import type { Caller } from './caller.ts'

/** What a caller is told whose token or session was good and is no more. */
export function authorityEnded({ authn }: Caller): Problem {
  const cause = new TokenRejected('revoked')
  return authn === 'bearer' ? invalidToken(cause) : new Problem('no_session', { cause })
}
