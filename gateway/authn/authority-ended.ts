import { Problem } from '@gatehouse/kit/errors'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken } from '../http/challenge.ts'
import { schemeOf, type Caller } from './caller.ts'

/** What a caller is told whose token or session was good and is no more. */
export function authorityEnded(caller: Caller): Problem {
  const cause = new TokenRejected('revoked')
  return caller.authn === 'bearer'
    ? invalidToken(cause, schemeOf(caller))
    : new Problem('no_session', { cause })
}
