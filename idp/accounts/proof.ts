import { idHash } from '../storage/hash.ts'

/**
 * Says which password somebody gave, and nothing of it: what a browser brings back from signing in counts as long as the
 * account still has that one.
 */
export function proofOf(passwordHash: string): string {
  return idHash(passwordHash)
}
