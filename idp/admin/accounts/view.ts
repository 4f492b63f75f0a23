import { ok, type AdminAnswer } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import type { Transaction } from 'kysely'
import type { IdpDeps } from '../../deps.ts'
import type { AccountTable, IdpTables } from '../../storage/tables.ts'
import { etagOf, requireMatch } from '../etag.ts'
import { iso } from '../times.ts'

/** What a list shows: the address of a person is opened for one account at a time only. */
export function accountView(row: AccountTable) {
  const roles: unknown = JSON.parse(row.roles)
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    roles,
    disabled: row.disabled !== 0,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

/** How an account stands after a change. @throws Problem `not_found` when it is gone by then */
export async function accountAnswer(
  deps: IdpDeps,
  id: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<AdminAnswer> {
  const row = await accountRow(deps, id)
  return ok({ ...accountView(row), ...more }, { etag: etagOf(row) })
}

/** @throws Problem `not_found` */
export async function accountRow({ store }: IdpDeps, id: string): Promise<AccountTable> {
  const row = await store.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Problem('not_found')
  return row
}

/**
 * Holds an account until the transaction ends, so that it is changed as it was seen.
 * @throws Problem `not_found`; `precondition_failed` when it is not what `If-Match` says, or not any more
 */
export async function holdAccount(
  trx: Transaction<IdpTables>,
  id: string,
  ifMatch: string | undefined,
): Promise<void> {
  const row = await trx
    .updateTable('accounts')
    .set((account) => ({ updated_at: account.ref('updated_at') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw new Problem('not_found')
  requireMatch(ifMatch, row)
}
