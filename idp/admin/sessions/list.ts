import { ok } from '@gatehouse/kit/admin/route'
import { sql } from '@gatehouse/kit/store/kysely'
import { contains, pageOf, pageQuery, readPage } from '../page.ts'
import type { ReadRoute } from '../route.ts'
import { iso } from '../times.ts'

export const listSessions: ReadRoute = {
  method: 'GET',
  path: '/sessions',
  scope: 'admin:read',
  summary: 'Browsers that are signed in at the identity server',
  query: { ...pageQuery, account: 'only of this account (id)' },
  async handle({ store, clock }, call) {
    const page = readPage(call)
    const account = call.query('account')
    let query = store.db
      .selectFrom('artifacts')
      .innerJoin('accounts', 'accounts.id', 'artifacts.account_id')
      .select(['id_hash', 'account_id', 'username', 'expires_at'])
      .where('model', '=', 'Session')
    if (account !== undefined) query = query.where('account_id', '=', account)
    const rows = await query
      .where('expires_at', '>', clock.now())
      .where('id_hash', '>', page.after ?? '')
      .where(contains(sql`username || ' ' || account_id`, page))
      .orderBy('id_hash')
      .limit(page.limit + 1)
      .execute()
    const viewOf = (row: (typeof rows)[number]) => ({
      id: row.id_hash,
      account: row.account_id,
      username: row.username,
      expires_at: row.expires_at === null ? null : iso(row.expires_at),
    })
    return ok(pageOf(rows, page, (row) => row.id_hash, viewOf))
  },
}
