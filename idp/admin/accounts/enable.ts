import { enableAccount } from '../../accounts/standing.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { accountAnswer, accountRow, holdAccount } from './view.ts'

export const enable: ChangeRoute = {
  method: 'POST',
  path: '/accounts/:id/enable',
  scope: 'admin:write',
  summary: 'Lets an account in again; what it had is not given back',
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const { id } = row
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        return (await enableAccount(trx, deps, id)) ? { action: 'account.enabled', subject: id } : undefined
      },
      answer: () => accountAnswer(deps, id),
    }
  },
}
