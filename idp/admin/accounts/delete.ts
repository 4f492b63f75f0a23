import { done } from '@gatehouse/kit/admin/route'
import { tellOfPerson } from '../../events/person.ts'
import { takeNames } from '../../provider/pairwise.ts'
import { partsOfPerson, tellClients } from '../../sessions/end-login.ts'
import type { Part } from '../../sessions/login.ts'
import type { ChangeRoute } from '../route.ts'
import { requireMatch } from '../etag.ts'
import { accountRow, holdAccount } from './view.ts'

export const deleteAccount: ChangeRoute = {
  method: 'DELETE',
  path: '/accounts/:id',
  scope: 'admin:write',
  summary: 'Removes an account with all that it had, at once and for good',
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const { id } = row
    let parts: readonly Part[] = []
    let names: ReadonlyMap<string, string> = new Map()
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        parts = await partsOfPerson(deps.artifacts, id, trx)
        // First: sessions that are being saved wait for it (storage/sessions.ts).
        await trx.deleteFrom('accounts').where('id', '=', id).execute()
        // In the order of those who take a consent back, or each would wait for the other.
        await trx.deleteFrom('consents').where('account_id', '=', id).execute()
        await trx.deleteFrom('artifacts').where('account_id', '=', id).execute()
        await tellOfPerson(trx, deps.outbox, { type: 'account-purged', sub: id })
        // The last to go: the event names the person by these, too.
        names = await takeNames(trx, id)
        return { action: 'account.deleted', subject: id }
      },
      async answer() {
        await tellClients(deps, id, parts, names)
        return done
      },
    }
  },
}
