import { ok } from '@gatehouse/kit/admin/route'
import { sql } from '@gatehouse/kit/store/kysely'
import { foldUsername } from '../../accounts/username.ts'
import { contains, pageOf, pageQuery, readPage } from '../page.ts'
import type { ReadRoute } from '../route.ts'
import { accountView } from './view.ts'

export const listAccounts: ReadRoute = {
  method: 'GET',
  path: '/accounts',
  scope: 'admin:read',
  summary: 'Accounts, by user name',
  query: { ...pageQuery, username: 'the account of exactly this user name', role: 'only who has this role' },
  async handle({ store }, call) {
    const page = readPage(call)
    const username = call.query('username')
    const role = call.query('role')
    let query = store.db.selectFrom('accounts').selectAll()
    if (username !== undefined) query = query.where('username', '=', foldUsername(username) ?? '')
    // Roles hold no quotes. LIKE would take some characters for others.
    if (role !== undefined)
      query = query.where(sql<boolean>`replace(roles, ${JSON.stringify(role)}, '') <> roles`)
    const rows = await query
      .where('username', '>', page.after ?? '')
      .where(contains(sql`username || ' ' || name || ' ' || id || ' ' || roles`, page))
      .orderBy('username')
      .limit(page.limit + 1)
      .execute()
    return ok(pageOf(rows, page, (row) => row.username, accountView))
  },
}
