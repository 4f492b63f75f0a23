import type { SecurityEvent } from '@gatehouse/kit/events/event'
import type { Transaction } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import { grantRevoked } from '../events/endings.ts'
import { partsOf } from '../sessions/login.ts'
import { idHash } from './hash.ts'
import type { IdpStore, IdpTables } from './tables.ts'

/**
 * Whatever ends all that an account has changes the account first. With this one waits for the other, where otherwise each could
 * hold a row that the other wants. SQLite has one writer at a time anyway.
 * @returns whether it is there
 */
export async function holdAccount(
  trx: Transaction<IdpTables>,
  store: IdpStore,
  accountId: string | undefined,
): Promise<boolean> {
  if (accountId === undefined) return false
  const query = trx.selectFrom('accounts').select('id').where('id', '=', accountId)
  const held = await (store.dialect === 'postgres' ? query.forShare() : query).executeTakeFirst()
  return held !== undefined
}

/**
 * Ends what was given in sessions, but for offline access, in the transaction in which they end: whatever happens a moment
 * later, nothing of it outlives them.
 * @returns what is to be told of it, by the last statement of the transaction
 */
export async function endGrantsOf(
  trx: Transaction<IdpTables>,
  sessions: readonly { readonly session: AdapterPayload }[],
): Promise<readonly SecurityEvent[]> {
  const parts = sessions.flatMap(({ session }) => partsOf(session)).filter(({ outlives }) => !outlives)
  const grants = new Set(parts.flatMap(({ grantIds }) => grantIds).map(idHash))
  if (grants.size === 0) return []
  const ended = await trx
    .deleteFrom('artifacts')
    .where('grant_hash', 'in', [...grants])
    .returning(['model', 'id_hash'])
    .execute()
  return ended.filter(({ model }) => model === 'Grant').map(({ id_hash }) => grantRevoked(id_hash))
}
