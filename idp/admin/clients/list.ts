import { ok } from '@gatehouse/kit/admin/route'
import { sql } from '@gatehouse/kit/store/kysely'
import { contains, pageOf, pageQuery, readPage } from '../page.ts'
import type { ReadRoute } from '../route.ts'
import { clientView } from './view.ts'

export const listClients: ReadRoute = {
  method: 'GET',
  path: '/clients',
  scope: 'admin:read',
  summary: 'Registered clients, by client_id',
  query: pageQuery,
  async handle({ store }, call) {
    const page = readPage(call)
    const rows = await store.db
      .selectFrom('clients')
      .selectAll()
      .where('client_id', '>', page.after ?? '')
      .where(contains(sql`metadata`, page))
      .orderBy('client_id')
      .limit(page.limit + 1)
      .execute()
    return ok(pageOf(rows, page, (row) => row.client_id, clientView))
  },
}
