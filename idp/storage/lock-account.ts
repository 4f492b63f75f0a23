import type { Transaction } from 'kysely'
import type { IdpStore, IdpTables } from './tables.ts'

/**
 * Keeps an account as it is until the transaction ends. Whatever ends all that an account has changes it first: so one waits
 * for the other, where otherwise each could hold a row that the other wants. SQLite has one writer at a time anyway.
 * @returns whether it is there
 */
export async function lockAccount(
  trx: Transaction<IdpTables>,
  store: IdpStore,
  accountId: string | undefined,
): Promise<boolean> {
  if (accountId === undefined) return false
  const query = trx.selectFrom('accounts').select('id').where('id', '=', accountId)
  const held = await (store.dialect === 'postgres' ? query.forShare() : query).executeTakeFirst()
  return held !== undefined
}
