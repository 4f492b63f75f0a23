import { ok } from '@gatehouse/kit/admin/route'
import { enableAccount } from '../../accounts/standing.ts'
import { record, type AdminRoute } from '../route.ts'
import { accountRow, accountView } from './view.ts'

export const enable: AdminRoute = {
  method: 'POST',
  path: '/accounts/:id/enable',
  scope: 'admin:write',
  summary: 'Lets an account in again; what it had is not given back',
  async handle(deps, call) {
    const { id } = await accountRow(deps, call.param('id'))
    if (await enableAccount(deps, id)) await record(deps, call, { action: 'account.enabled', subject: id })
    return ok(accountView(await accountRow(deps, id)))
  },
}
