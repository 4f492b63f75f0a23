import type { KeyObject } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import { readSet, setType } from '@gatehouse/kit/events/set'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { effectsOf, type Effect } from './effect.ts'

const toleranceMs = 10_000

export interface VerifyDeps {
  readonly keys: { resolve(kid: string): Promise<{ readonly key: KeyObject } | undefined> }
  readonly clock: Clock
  readonly issuer: string
  readonly audience: string
  /** Issuers whose subjects are our accounts. */
  readonly issuers: ReadonlySet<string>
  readonly isOurs: boolean
}

export interface Verified {
  readonly jti: string
  /** When it happened, milliseconds since the epoch. */
  readonly at: number
  readonly effects: readonly Effect[]
}

/**
 * Proves a SET and reads what it means.
 * @throws TokenRejected; `unknown_key` may pass, because keys are fetched now and then
 */
export async function verifySet(deps: VerifyDeps, set: string): Promise<Verified> {
  const unverified = parseUnverified(set)
  requireType(unverified, setType)
  const found = await deps.keys.resolve(unverified.header.kid)
  if (found === undefined) throw new TokenRejected('unknown_key')
  requireEs256(unverified, found.key)
  const { issuer, audience, clock } = deps
  const received = readSet(unverified.payload, { issuer, audience, now: clock.now(), toleranceMs })
  return { jti: received.jti, at: received.at, effects: effectsOf(received, deps) }
}
