import type { SecurityEvent } from '@gatehouse/kit/events/event'
import type { Transaction } from 'kysely'
import type { IdpTables } from '../storage/tables.ts'
import type { Outbox } from './outbox.ts'

/** What happened to an account as a whole. */
type PersonEvent = Exclude<Extract<SecurityEvent, { readonly sub: string }>, { readonly sid: string }>

/**
 * Writes an event about a person, once for each name that tokens may call them by: those of pairwise clients do not name the
 * account (OpenID Connect Core section 8.1). As with any event, make it the last statement of the transaction.
 * @throws StoreError, and then the change must fail with it
 */
export async function tellOfPerson(
  trx: Transaction<IdpTables>,
  outbox: Outbox,
  event: PersonEvent,
): Promise<void> {
  const others = await trx
    .selectFrom('pairwise_subjects')
    .select('subject')
    .where('account_id', '=', event.sub)
    .execute()
  await outbox.appendAll(trx, [event, ...others.map(({ subject }) => ({ ...event, sub: subject }))])
}
