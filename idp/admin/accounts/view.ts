import { Problem } from '@gatehouse/kit/errors'
import type { IdpDeps } from '../../deps.ts'
import type { AccountTable } from '../../storage/tables.ts'
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

/** @throws Problem `not_found` */
export async function accountRow({ store }: IdpDeps, id: string): Promise<AccountTable> {
  const row = await store.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Problem('not_found')
  return row
}
