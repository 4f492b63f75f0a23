import { ok } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { clientSecretMac, newClientSecret } from '../../clients/secrets.ts'
import { record, type AdminRoute } from '../route.ts'
import { clientRow } from './view.ts'

export const rotateSecret: AdminRoute = {
  method: 'POST',
  path: '/clients/:client_id/secret',
  scope: 'admin:write',
  summary: 'Gives a client another secret, shown this once; the one before ends at once',
  async handle(deps, call) {
    const id = call.param('client_id')
    const row = await clientRow(deps, id)
    if (row.secret_mac === null) throw new Problem('conflict', { detail: 'this client has no secret' })
    const secret = newClientSecret()
    await deps.store.db
      .updateTable('clients')
      .set({ secret_mac: clientSecretMac(deps.masterKey, id, secret), updated_at: deps.clock.now() })
      .where('client_id', '=', id)
      .execute()
    await record(deps, call, { action: 'client.secret_rotated', subject: id })
    return ok({ client_id: id, client_secret: secret })
  },
}
