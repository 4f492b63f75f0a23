import type { Clock } from '@gatehouse/kit/clock'
import type { Transaction } from 'kysely'
import type { Outbox } from '../events/outbox.ts'
import type { IdpTables } from '../storage/tables.ts'

export interface StandingDeps {
  readonly outbox: Outbox
  readonly clock: Clock
}

/** Shuts an account out: it cannot sign in, and everything that it was given ends. @returns whether that was new */
export async function disableAccount(
  trx: Transaction<IdpTables>,
  deps: StandingDeps,
  id: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('accounts')
    .set({ disabled: 1, updated_at: deps.clock.now() })
    .where((row) => row.and({ id, disabled: 0 }))
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
  await deps.outbox.append(trx, { type: 'account-disabled', sub: id })
  return true
}

/** Lets it in again; what it had is not given back. @returns whether that was new */
export async function enableAccount(
  trx: Transaction<IdpTables>,
  deps: StandingDeps,
  id: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('accounts')
    .set({ disabled: 0, updated_at: deps.clock.now() })
    .where((row) => row.and({ id, disabled: 1 }))
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await deps.outbox.append(trx, { type: 'account-enabled', sub: id })
  return true
}
