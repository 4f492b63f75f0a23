import { disableAccount } from '../../accounts/standing.ts'
import { partsOfPerson, tellClients } from '../../sessions/end-login.ts'
import type { Part } from '../../sessions/login.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { accountAnswer, accountRow, holdAccount } from './view.ts'

export const disable: ChangeRoute = {
  method: 'POST',
  path: '/accounts/:id/disable',
  scope: 'admin:write',
  summary: 'Shuts an account out; its sessions, grants and tokens end at once',
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const { id } = row
    let parts: readonly Part[] = []
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        parts = await partsOfPerson(deps.artifacts, id, trx)
        return (await disableAccount(trx, deps, id)) ? { action: 'account.disabled', subject: id } : undefined
      },
      async answer() {
        await tellClients(deps, id, parts)
        return accountAnswer(deps, id)
      },
    }
  },
}
