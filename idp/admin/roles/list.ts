import { ok } from '@gatehouse/kit/admin/route'
import type { ReadRoute } from '../route.ts'

/** Roles are what accounts carry and routes ask for; there is no table of them. */
export const listRoles: ReadRoute = {
  method: 'GET',
  path: '/roles',
  scope: 'admin:read',
  summary: 'Roles that accounts have, with how many have each',
  async handle({ store }) {
    const rows = await store.db
      .selectFrom('accounts')
      .select((select) => ['roles', select.fn.countAll<number>().as('accounts')])
      .groupBy('roles')
      .execute()
    const counts = new Map<string, number>()
    for (const row of rows) {
      const roles: unknown = JSON.parse(row.roles)
      for (const role of Array.isArray(roles) ? roles : []) {
        counts.set(String(role), (counts.get(String(role)) ?? 0) + row.accounts)
      }
    }
    const items = [...counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([role, accounts]) => ({ role, accounts }))
    return ok({ items })
  },
}
