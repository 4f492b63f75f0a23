import { verifyInternalToken, type ActClaim } from '@gatehouse/kit/tokens/internal'
import type { TokenReason } from '@gatehouse/kit/tokens/strict-jws'
import type { KeyObject } from 'node:crypto'
import type { Test } from 'tap'
import { goodClaims, kid, now, pair, presenter } from '../fixtures/tokens.ts'

const keys = new Map([[kid, pair.publicKey]])

/** What `orders` expects of a token. */
export const expectation = {
  key: (id: string): KeyObject | undefined => keys.get(id),
  issuer: goodClaims.iss,
  audience: 'orders',
  presenter,
  now,
}

export function refuses(on: Test, token: string, reason: TokenReason, what: string = reason): void {
  on.throws(() => verifyInternalToken(token, expectation), { name: 'TokenRejected', reason }, what)
}

export function chain(depth: number): ActClaim {
  const sub = `spiffe://gatehouse.local/w${depth}`
  return depth === 1 ? { sub } : { sub, act: chain(depth - 1) }
}
