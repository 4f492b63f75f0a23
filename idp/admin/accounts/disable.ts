import { ok } from '@gatehouse/kit/admin/route'
import { disableAccount } from '../../accounts/standing.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { accountRow, accountView, holdAccount } from './view.ts'

export const disable: ChangeRoute = {
  method: 'POST',
  path: '/accounts/:id/disable',
  scope: 'admin:write',
  summary: 'Shuts an account out; its sessions, grants and tokens end at once',
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, accountView(row))
    const { id } = row
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        return (await disableAccount(trx, deps, id)) ? { action: 'account.disabled', subject: id } : undefined
      },
      answer: async () => ok(accountView(await accountRow(deps, id))),
    }
  },
}
