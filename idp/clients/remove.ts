import type { Transaction } from 'kysely'
import type { Outbox } from '../events/outbox.ts'
import type { IdpTables } from '../storage/tables.ts'

/**
 * Removes a client with all that it was given and allowed, and tells everybody that its tokens no longer count.
 * @returns whether there was one
 */
export async function removeClient(
  trx: Transaction<IdpTables>,
  { outbox }: { readonly outbox: Outbox },
  clientId: string,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('clients')
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  // In the order of those who take a consent back, or each would wait for the other.
  await trx.deleteFrom('consents').where('client_id', '=', clientId).execute()
  await trx.deleteFrom('artifacts').where('client_id', '=', clientId).execute()
  await outbox.append(trx, { type: 'client-deleted', clientId })
  return true
}
