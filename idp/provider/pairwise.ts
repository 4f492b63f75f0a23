import { randomBytes } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { IdpStore, IdpTables } from '../storage/tables.ts'
import { orUnavailable } from '../storage/unavailable.ts'
import { text } from './show.ts'

/**
 * Pairwise subjects (OpenID Connect Core section 8.1): random, one for each person and sector, and kept. Computed ones
 * would change for everybody with the key that they are computed with.
 */
export function pairwiseIdentifier(store: IdpStore): NonNullable<Configuration['pairwiseIdentifier']> {
  return (_ctx, accountId, client) =>
    orUnavailable(async () => {
      const sector = sectorOf(client)
      const known = await find(store, sector, accountId)
      if (known !== undefined) return known
      const subject = `pw_${randomBytes(18).toString('base64url')}`
      await store.db
        .insertInto('pairwise_subjects')
        .values({ sector, account_id: accountId, subject })
        .onConflict((conflict) => conflict.columns(['sector', 'account_id']).doNothing())
        .execute()
      // Another request may have been first.
      return (await find(store, sector, accountId)) ?? subject
    })
}

/**
 * Whom a client means that asks over the back channel with an ID token of its own (CIBA section 7.1, `id_token_hint`): the
 * library takes the subject there for an account.
 * @param sub what is in the hint, or an account already
 */
export async function accountMeant(store: IdpStore, ctx: KoaContextWithOIDC, sub: string): Promise<string> {
  const { route, client, entities } = ctx.oidc
  const isHint = route === 'backchannel_authentication' && entities.IdTokenHint !== undefined
  if (!isHint || client?.subjectType !== 'pairwise') return sub
  const row = await store.db
    .selectFrom('pairwise_subjects')
    .select('account_id')
    .where('sector', '=', sectorOf(client))
    .where('subject', '=', sub)
    .executeTakeFirst()
  return row?.account_id ?? sub
}

/**
 * Forgets what an account was called, which goes with it. After its events are written: they name the person so, too.
 * @returns what it was called, by sector
 */
export async function takeNames(
  trx: Transaction<IdpTables>,
  accountId: string,
): Promise<ReadonlyMap<string, string>> {
  const gone = await trx
    .deleteFrom('pairwise_subjects')
    .where('account_id', '=', accountId)
    .returning(['sector', 'subject'])
    .execute()
  return new Map(gone.map(({ sector, subject }) => [sector, subject]))
}

/** Among whose clients a person has one name (OpenID Connect Core section 8.1). */
export function sectorOf(client: Client): string {
  return text(client['sectorIdentifier']) ?? client.clientId
}

async function find(store: IdpStore, sector: string, accountId: string): Promise<string | undefined> {
  const row = await store.db
    .selectFrom('pairwise_subjects')
    .select('subject')
    .where('sector', '=', sector)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.subject
}
