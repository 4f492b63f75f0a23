import { isUniqueViolation } from '@gatehouse/kit/store/open'
import { idHash } from './hash.ts'
import type { IdpStore } from './tables.ts'
import { orUnavailable } from './unavailable.ts'

/** Remembers each `jti` that was accepted until it would have expired anyway. */
export class Replays {
  readonly #store: IdpStore

  constructor(store: IdpStore) {
    this.#store = store
  }

  /**
   * The INSERT is the check: the database refuses the second one, however close the two are.
   * @param expiresAt seconds since the epoch
   * @returns whether the pair was new
   */
  remember(issuer: string, jti: string, expiresAt: number): Promise<boolean> {
    return orUnavailable(async () => {
      const row = { id_hash: idHash(JSON.stringify([issuer, jti])), expires_at: expiresAt * 1000 }
      try {
        await this.#store.db.insertInto('replays').values(row).execute()
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    })
  }
}
