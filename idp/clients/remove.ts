import type { Outbox } from '../events/outbox.ts'
import type { IdpStore } from '../storage/tables.ts'

/**
 * Removes a client with all that it was given and allowed, and tells everybody that its tokens no longer count.
 * @returns whether there was one
 */
export function removeClient(
  deps: { readonly store: IdpStore; readonly outbox: Outbox },
  clientId: string,
): Promise<boolean> {
  return deps.store.db.transaction().execute(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('clients')
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return false
    await trx.deleteFrom('artifacts').where('client_id', '=', clientId).execute()
    await trx.deleteFrom('consents').where('client_id', '=', clientId).execute()
    await deps.outbox.append(trx, { type: 'client-deleted', clientId })
    return true
  })
}
