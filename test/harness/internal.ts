import type { Clock } from '@gatehouse/kit/clock'
import { createTrust as trustOf, type Trust } from '@gatehouse/kit/testing/trust'
import {
  createSigningKey,
  internalClaims as claimsOf,
  internalToken,
  type StatedClaims,
} from '@gatehouse/kit/testing/tokens'
import type { InternalClaims } from '@gatehouse/kit/tokens/internal'

export { createSigningKey, internalToken, type Trust }

export const trustDomain = 'gatehouse.test'
export const internalIssuer = `urn:gatehouse:${trustDomain}:internal`

/**
 * The trust of the demo services.
 * @param dir an existing folder of the test's own, such as `t.testdir()`.
 */
export function createTrust(dir: string): Promise<Trust> {
  return trustOf({ dir, names: ['users', 'orders', 'inventory'], trustDomain })
}

export function internalClaims(claims: StatedClaims, clock?: Clock): InternalClaims {
  return claimsOf({ trustDomain, issuer: internalIssuer }, claims, clock)
}
