import { ok } from '@gatehouse/kit/admin/route'
import { disableAccount } from '../../accounts/standing.ts'
import { record, type AdminRoute } from '../route.ts'
import { accountRow, accountView } from './view.ts'

export const disable: AdminRoute = {
  method: 'POST',
  path: '/accounts/:id/disable',
  scope: 'admin:write',
  summary: 'Shuts an account out; its sessions, grants and tokens end at once',
  async handle(deps, call) {
    const { id } = await accountRow(deps, call.param('id'))
    if (await disableAccount(deps, id)) await record(deps, call, { action: 'account.disabled', subject: id })
    return ok(accountView(await accountRow(deps, id)))
  },
}
