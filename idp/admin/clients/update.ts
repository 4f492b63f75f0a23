import { ok } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { resourceScopeProperty } from '../../clients/clients.ts'
import { clientSecretMac, newClientSecret } from '../../clients/secrets.ts'
import { clientMembers, readClientRecord, type ClientRecord } from '../../clients/metadata.ts'
import { etagOf, requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { requireUnmanaged } from './managed.ts'
import { checkedRecord, givenSecret, metadataBody, needsSecret } from './metadata.ts'
import { clientRow, clientView, holdClient } from './view.ts'

export const updateClient: ChangeRoute = {
  method: 'PATCH',
  path: '/clients/:client_id',
  scope: 'admin:write',
  summary: 'Changes members of a client; what is not named stays (RFC 7396)',
  body: metadataBody,
  async prepare(deps, call) {
    const id = call.param('client_id')
    const row = await clientRow(deps, id)
    requireUnmanaged(deps, id)
    requireMatch(call.ifMatch, row)
    const { members: stored, others } = parted(readClientRecord(row.metadata))
    const { secret: brought, body } = givenSecret(call.body(metadataBody))
    const client = checkedRecord(deps, { ...stored, ...body, client_id: id })
    const wantsSecret = needsSecret(client.token_endpoint_auth_method)
    const made =
      wantsSecret && brought === undefined && row.secret_mac === null ? newClientSecret() : undefined
    const secret = wantsSecret ? (brought ?? made) : undefined
    const next = {
      metadata: JSON.stringify({ ...others, ...client }),
      // A secret that stays is left as it is: it may be replaced in this moment.
      ...(wantsSecret ? {} : { secret_mac: null }),
      ...(secret === undefined ? {} : { secret_mac: clientSecretMac(deps.masterKey, id, secret) }),
      updated_at: deps.clock.now(),
      expires_at: client.expires_at ?? null,
    }
    return {
      async run(trx) {
        await holdClient(trx, id, call.ifMatch)
        const { numUpdatedRows } = await trx
          .updateTable('clients')
          .set(next)
          // Of two who read the same state, one writes.
          .where((column) => column.and({ client_id: id, metadata: row.metadata }))
          .executeTakeFirst()
        if (numUpdatedRows === 0n) throw new Problem('conflict', { detail: 'it changed in this moment' })
        const members = Object.keys(call.body(metadataBody)).toSorted()
        return { action: 'client.updated', subject: id, details: { members } }
      },
      async answer() {
        const changed = await clientRow(deps, id)
        const shown = { ...clientView(changed), ...(made === undefined ? {} : { client_secret: made }) }
        return ok(shown, { etag: etagOf(changed) })
      },
    }
  },
}

/** What the library keeps of a client that registered itself is not for administrators to say, and stays. */
function parted(record: ClientRecord) {
  const entries = Object.entries(record).filter(([name]) => name !== resourceScopeProperty)
  return {
    members: Object.fromEntries(entries.filter(([name]) => clientMembers.has(name))),
    others: Object.fromEntries(entries.filter(([name]) => !clientMembers.has(name))),
  }
}
