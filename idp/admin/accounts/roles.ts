import { ok } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { etagOf, requireMatch } from '../etag.ts'
import { record, type AdminRoute } from '../route.ts'
import { checkedRoles, rolesBody } from './bodies.ts'
import { accountRow, accountView } from './view.ts'

/** Tokens that name the roles of before are told to the gateways, so that a role that was taken away is gone at once. */
export const setRoles: AdminRoute = {
  method: 'PUT',
  path: '/accounts/:id/roles',
  scope: 'admin:write',
  summary: 'Sets the roles of an account',
  body: rolesBody,
  async handle(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, accountView(row))
    const roles = checkedRoles(call.body(rolesBody).roles)
    const before: unknown = JSON.parse(row.roles)
    const next = JSON.stringify(roles)
    if (next !== row.roles) {
      await deps.store.db.transaction().execute(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('accounts')
          .set({ roles: next, updated_at: deps.clock.now() })
          .where((column) => column.and({ id: row.id, roles: row.roles }))
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw new Problem('conflict', { detail: 'it changed in this moment' })
        await deps.outbox.append(trx, { type: 'token-claims-change', sub: row.id, claims: { roles } })
      })
      const details = { before, after: roles }
      await record(deps, call, { action: 'account.roles_set', subject: row.id, details })
    }
    const view = accountView(await accountRow(deps, row.id))
    return ok(view, { etag: etagOf(view) })
  },
}
