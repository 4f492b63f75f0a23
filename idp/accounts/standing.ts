import type { Clock } from '@gatehouse/kit/clock'
import type { Outbox } from '../events/outbox.ts'
import type { IdpStore } from '../storage/tables.ts'

export interface StandingDeps {
  readonly store: IdpStore
  readonly outbox: Outbox
  readonly clock: Clock
}

/** Shuts an account out: it cannot sign in, and everything that it was given ends. @returns whether that was new */
export function disableAccount(deps: StandingDeps, id: string): Promise<boolean> {
  return deps.store.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('accounts')
      .set({ disabled: 1, updated_at: deps.clock.now() })
      .where((row) => row.and({ id, disabled: 0 }))
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
    await deps.outbox.append(trx, { type: 'account-disabled', sub: id })
    return true
  })
}

/** Lets it in again; what it had is not given back. @returns whether that was new */
export function enableAccount(deps: StandingDeps, id: string): Promise<boolean> {
  return deps.store.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('accounts')
      .set({ disabled: 0, updated_at: deps.clock.now() })
      .where((row) => row.and({ id, disabled: 1 }))
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await deps.outbox.append(trx, { type: 'account-enabled', sub: id })
    return true
  })
}
