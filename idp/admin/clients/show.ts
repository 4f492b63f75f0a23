import { ok } from '@gatehouse/kit/admin/route'
import { etagOf } from '../etag.ts'
import type { ReadRoute } from '../route.ts'
import { clientRow, clientView } from './view.ts'

export const showClient: ReadRoute = {
  method: 'GET',
  path: '/clients/:client_id',
  scope: 'admin:read',
  summary: 'One client, without its secret',
  async handle(deps, call) {
    const row = await clientRow(deps, call.param('client_id'))
    return ok(clientView(row), { etag: etagOf(row) })
  },
}
