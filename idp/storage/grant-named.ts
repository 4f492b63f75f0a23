import { sql } from '@gatehouse/kit/store/kysely'
import type { Kysely } from 'kysely'
import type { IdpTables } from './tables.ts'

/**
 * The grant that its access tokens call so (events/endings.ts), if it is still there. Written as the index on these names is
 * (migrations.ts): a database does not take `?` for the number that it has there, and would look at every grant.
 */
export function grantNamed(db: Kysely<IdpTables>, name: string) {
  return db
    .selectFrom('artifacts')
    .select('account_id')
    .where(sql<boolean>`model = 'Grant'`)
    .where(sql`substr(id_hash, 1, 21)`, '=', name)
}
