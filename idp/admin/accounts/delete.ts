import { done } from '@gatehouse/kit/admin/route'
import type { ChangeRoute } from '../route.ts'
import { requireMatch } from '../etag.ts'
import { accountRow, accountView } from './view.ts'

export const deleteAccount: ChangeRoute = {
  method: 'DELETE',
  path: '/accounts/:id',
  scope: 'admin:write',
  summary: 'Removes an account with all that it had, at once and for good',
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, accountView(row))
    const { id } = row
    return {
      async run(trx) {
        await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
        await trx.deleteFrom('consents').where('account_id', '=', id).execute()
        await trx.deleteFrom('pairwise_subjects').where('account_id', '=', id).execute()
        await trx.deleteFrom('accounts').where('id', '=', id).execute()
        await deps.outbox.append(trx, { type: 'account-purged', sub: id })
        return { action: 'account.deleted', subject: id }
      },
      answer: () => done,
    }
  },
}
