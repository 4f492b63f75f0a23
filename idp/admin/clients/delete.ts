import { done } from '@gatehouse/kit/admin/route'
import { removeClient } from '../../clients/remove.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { requireUnmanaged } from './managed.ts'
import { clientRow, holdClient } from './view.ts'

export const deleteClient: ChangeRoute = {
  method: 'DELETE',
  path: '/clients/:client_id',
  scope: 'admin:write',
  summary: 'Removes a client; its grants and tokens end at once',
  async prepare(deps, call) {
    const id = call.param('client_id')
    const row = await clientRow(deps, id)
    requireUnmanaged(deps, id)
    requireMatch(call.ifMatch, row)
    return {
      async run(trx) {
        await holdClient(trx, id, call.ifMatch)
        const isRemoved = await removeClient(trx, deps, id)
        return isRemoved ? { action: 'client.deleted', subject: id } : undefined
      },
      answer: () => done,
    }
  },
}
