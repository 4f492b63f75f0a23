import { isUniqueViolation, type Store } from '@gatehouse/kit/store/open'
import type { SessionTables } from './tables.ts'

/**
 * Remembers proofs that were taken, in the table of everything that counts once, which the sessions sweep. The INSERT is
 * the check, so that of several that come at once, at several gateways, one passes.
 */
export function proofReplays(store: Store<SessionTables>) {
  return async (id: string, expiresAt: number): Promise<boolean> => {
    try {
      await store.db.insertInto('session_replays').values({ id, expires_at: expiresAt }).execute()
      return true
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }
}
