import type { SecurityEvent } from '@gatehouse/kit/events/event'
import type { Transaction } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import { grantRevoked } from '../events/endings.ts'
import { partsOf } from '../sessions/login.ts'
import { idHash } from './hash.ts'
import type { IdpTables } from './tables.ts'

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
