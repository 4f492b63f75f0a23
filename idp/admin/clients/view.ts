import { Problem } from '@gatehouse/kit/errors'
import type { Transaction } from 'kysely'
import type { IdpDeps } from '../../deps.ts'
import { readClientRecord } from '../../clients/metadata.ts'
import type { ClientTable, IdpTables } from '../../storage/tables.ts'
import { requireMatch } from '../etag.ts'
import { iso } from '../times.ts'

/** A client as the admin API shows it: its metadata, and whether it has a secret, never which. */
export function clientView(row: ClientTable) {
  return {
    ...readClientRecord(row.metadata),
    has_secret: row.secret_mac !== null,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

/** @throws Problem `not_found` */
export async function clientRow({ store }: IdpDeps, clientId: string): Promise<ClientTable> {
  const row = await store.db
    .selectFrom('clients')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  if (row === undefined) throw new Problem('not_found')
  return row
}

/**
 * Holds a client until the transaction ends, so that it is changed as it was seen.
 * @throws Problem `not_found`; `precondition_failed` when it is not what `If-Match` says, or not any more
 */
export async function holdClient(
  trx: Transaction<IdpTables>,
  id: string,
  ifMatch: string | undefined,
): Promise<void> {
  const row = await trx
    .updateTable('clients')
    .set((client) => ({ updated_at: client.ref('updated_at') }))
    .where('client_id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw new Problem('not_found')
  requireMatch(ifMatch, row)
}
