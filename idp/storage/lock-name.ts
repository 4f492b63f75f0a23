import { sql } from '@gatehouse/kit/store/kysely'
import type { Transaction } from 'kysely'
import type { IdpStore, IdpTables } from './tables.ts'

/**
 * Lets one transaction at a time go on under a name. SQLite has one writer at a time anyway; in PostgreSQL rows that are
 * not there yet cannot be locked, but a name can.
 */
export async function lockName(trx: Transaction<IdpTables>, store: IdpStore, name: string): Promise<void> {
  if (store.dialect !== 'postgres') return
  await sql`select pg_advisory_xact_lock(hashtext(${name}))`.execute(trx)
}
