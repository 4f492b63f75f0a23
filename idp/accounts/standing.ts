import type { Clock } from '@gatehouse/kit/clock'
import type { Transaction } from 'kysely'
import type { Outbox } from '../events/outbox.ts'
import { tellOfPerson } from '../events/person.ts'
import type { IdpTables } from '../storage/tables.ts'

export interface StandingDeps {
  readonly outbox: Outbox
  readonly clock: Clock
}

/** Shuts an account out: it cannot sign in, and everything that it was given ends. @returns whether that was new */
export async function disableAccount(
  trx: Transaction<IdpTables>,
  { outbox, clock }: StandingDeps,
  id: string,
): Promise<boolean> {
  if (!(await turned(trx, clock, id, 1))) return false
  await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
  await tellOfPerson(trx, outbox, { type: 'account-disabled', sub: id })
  return true
}

/** Lets it in again; what it had is not given back. @returns whether that was new */
export async function enableAccount(
  trx: Transaction<IdpTables>,
  { outbox, clock }: StandingDeps,
  id: string,
): Promise<boolean> {
  if (!(await turned(trx, clock, id, 0))) return false
  await tellOfPerson(trx, outbox, { type: 'account-enabled', sub: id })
  return true
}

/** @returns whether it stood otherwise before */
async function turned(
  trx: Transaction<IdpTables>,
  clock: Clock,
  id: string,
  disabled: 0 | 1,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('accounts')
    .set({ disabled, updated_at: clock.now() })
    .where((row) => row.and({ id, disabled: 1 - disabled }))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
