import { done } from '@gatehouse/kit/admin/route'
import { removeClient } from '../../clients/remove.ts'
import { requireMatch } from '../etag.ts'
import { record, type AdminRoute } from '../route.ts'
import { requireUnmanaged } from './managed.ts'
import { clientRow, clientView } from './view.ts'

export const deleteClient: AdminRoute = {
  method: 'DELETE',
  path: '/clients/:client_id',
  scope: 'admin:write',
  summary: 'Removes a client; its grants and tokens end at once',
  async handle(deps, call) {
    const id = call.param('client_id')
    const row = await clientRow(deps, id)
    requireUnmanaged(deps, id)
    requireMatch(call.ifMatch, clientView(row))
    if (await removeClient(deps, id)) await record(deps, call, { action: 'client.deleted', subject: id })
    return done
  },
}
