import { ok } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { clientSecretMac, newClientSecret } from '../../clients/secrets.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { clientRow, holdClient } from './view.ts'

export const rotateSecret: ChangeRoute = {
  method: 'POST',
  path: '/clients/:client_id/secret',
  scope: 'admin:write',
  summary: 'Gives a client another secret, shown this once; the one before ends at once',
  async prepare(deps, call) {
    const id = call.param('client_id')
    const row = await clientRow(deps, id)
    requireMatch(call.ifMatch, row)
    if (row.secret_mac === null) throw new Problem('conflict', { detail: 'this client has no secret' })
    const secret = newClientSecret()
    return {
      async run(trx) {
        await holdClient(trx, id, call.ifMatch)
        const secret_mac = clientSecretMac(deps.masterKey, id, secret)
        await trx
          .updateTable('clients')
          .set({ secret_mac, updated_at: deps.clock.now() })
          .where('client_id', '=', id)
          .execute()
        return { action: 'client.secret_rotated', subject: id }
      },
      answer: () => ok({ client_id: id, client_secret: secret }),
    }
  },
}
