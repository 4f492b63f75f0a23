import { ok } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { sql } from '@gatehouse/kit/store/kysely'
import { contains, pageOf, pageQuery, readPage } from '../page.ts'
import type { ReadRoute } from '../route.ts'
import { iso } from '../times.ts'

export const listAudit: ReadRoute = {
  method: 'GET',
  path: '/audit',
  scope: 'admin:read',
  summary: 'The audit log, newest first',
  query: pageQuery,
  async handle({ store }, call) {
    const page = readPage(call)
    const before = page.after === undefined ? Number.MAX_SAFE_INTEGER : Number(page.after)
    if (!Number.isSafeInteger(before)) {
      const faults = [{ in: 'query', path: '/after', message: 'must be the number of an entry' }] as const
      throw new Problem('invalid_request', { faults })
    }
    const rows = await store.db
      .selectFrom('audit')
      .selectAll()
      .where('seq', '<', before)
      .where(
        contains(
          sql`action || ' ' || actor || ' ' || coalesce(subject, '') || ' ' || coalesce(txn, '') || ' ' || coalesce(details, '')`,
          page,
        ),
      )
      .orderBy('seq', 'desc')
      .limit(page.limit + 1)
      .execute()
    const viewOf = ({ at, details, hash: _hash, ...row }: (typeof rows)[number]) => {
      const parsed: unknown = details === null ? null : JSON.parse(details)
      return { ...row, at: iso(at), details: parsed }
    }
    return ok(pageOf(rows, page, (row) => String(row.seq), viewOf))
  },
}
