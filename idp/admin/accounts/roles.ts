import { Problem } from '@gatehouse/kit/errors'
import { tellOfPerson } from '../../events/person.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { checkedRoles, rolesBody } from './bodies.ts'
import { accountAnswer, accountRow, holdAccount } from './view.ts'

/** Tokens that name the roles of before are told to the gateways, so that a role that was taken away is gone at once. */
export const setRoles: ChangeRoute = {
  method: 'PUT',
  path: '/accounts/:id/roles',
  scope: 'admin:write',
  summary: 'Sets the roles of an account',
  body: rolesBody,
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const roles = checkedRoles(call.body(rolesBody).roles)
    const before: unknown = JSON.parse(row.roles)
    const next = JSON.stringify(roles)
    return {
      async run(trx) {
        await holdAccount(trx, row.id, call.ifMatch)
        if (next === row.roles) return undefined
        const { numUpdatedRows } = await trx
          .updateTable('accounts')
          .set({ roles: next, updated_at: deps.clock.now() })
          .where((column) => column.and({ id: row.id, roles: row.roles }))
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw new Problem('conflict', { detail: 'it changed in this moment' })
        await tellOfPerson(trx, deps.outbox, { type: 'token-claims-change', sub: row.id, claims: { roles } })
        return { action: 'account.roles_set', subject: row.id, details: { before, after: roles } }
      },
      answer: () => accountAnswer(deps, row.id),
    }
  },
}
