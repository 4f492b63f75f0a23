import { ok } from '@gatehouse/kit/admin/route'
import { sql } from '@gatehouse/kit/store/kysely'
import { contains, pageOf, pageQuery, readPage } from '../page.ts'
import type { ReadRoute } from '../route.ts'
import { iso } from '../times.ts'

/** A grant's name is the hash of its id: it names one, and gives nobody the grant. */
export const listGrants: ReadRoute = {
  method: 'GET',
  path: '/grants',
  scope: 'admin:read',
  summary: 'Grants: what people have given clients, as long as it holds',
  query: { ...pageQuery, account: 'only of this account (id)', client: 'only to this client' },
  async handle({ store, clock }, call) {
    const page = readPage(call)
    const [account, client] = [call.query('account'), call.query('client')]
    let query = store.db
      .selectFrom('artifacts')
      .leftJoin('accounts', 'accounts.id', 'artifacts.account_id')
      .select(['id_hash', 'account_id', 'client_id', 'expires_at', 'username'])
      .where('model', '=', 'Grant')
    if (account !== undefined) query = query.where('account_id', '=', account)
    if (client !== undefined) query = query.where('client_id', '=', client)
    const rows = await query
      .where('expires_at', '>', clock.now())
      .where('id_hash', '>', page.after ?? '')
      .where(
        contains(
          sql`coalesce(username, '') || ' ' || coalesce(account_id, '') || ' ' || coalesce(client_id, '')`,
          page,
        ),
      )
      .orderBy('id_hash')
      .limit(page.limit + 1)
      .execute()
    const viewOf = (row: (typeof rows)[number]) => ({
      id: row.id_hash,
      account: row.account_id,
      username: row.username,
      client_id: row.client_id,
      expires_at: row.expires_at === null ? null : iso(row.expires_at),
    })
    return ok(pageOf(rows, page, (row) => row.id_hash, viewOf))
  },
}
