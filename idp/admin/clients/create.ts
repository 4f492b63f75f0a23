import { randomBytes } from 'node:crypto'
import { created } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { isUniqueViolation } from '@gatehouse/kit/store/open'
import type { Transaction } from 'kysely'
import { clientSecretMac, newClientSecret } from '../../clients/secrets.ts'
import type { IdpTables } from '../../storage/tables.ts'
import { etagOf } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { checkedRecord, givenSecret, metadataBody, needsSecret, withDefaults } from './metadata.ts'
import { clientRow, clientView } from './view.ts'

/** The secret is in this answer and nowhere else, ever. */
export const createClient: ChangeRoute = {
  method: 'POST',
  path: '/clients',
  scope: 'admin:write',
  summary: 'Registers a client; its secret, if it has one, is shown this once',
  body: metadataBody,
  prepare(deps, call) {
    const { masterKey, clock } = deps
    const { secret: brought, body: given } = givenSecret(call.body(metadataBody))
    const id = given['client_id'] ?? `client_${randomBytes(12).toString('base64url')}`
    if (typeof id !== 'string' || !/^[\x21-\x7E]{1,200}$/.test(id)) throw invalidId()
    const client = checkedRecord(deps, withDefaults(id, given))
    const secret = needsSecret(client.token_endpoint_auth_method) ? (brought ?? newClientSecret()) : undefined
    const now = clock.now()
    const row = {
      client_id: id,
      metadata: JSON.stringify(client),
      secret_mac: secret === undefined ? null : clientSecretMac(masterKey, id, secret),
      created_at: now,
      updated_at: now,
      expires_at: client.expires_at ?? null,
    }
    return {
      async run(trx) {
        await insertNew(trx, row)
        return { action: 'client.created', subject: id }
      },
      async answer() {
        const stored = await clientRow(deps, id)
        const view = clientView(stored)
        const shown =
          secret === undefined || brought !== undefined ? view : { ...view, client_secret: secret }
        return created(`/clients/${encodeURIComponent(id)}`, shown, { etag: etagOf(stored) })
      },
    }
  },
}

async function insertNew(trx: Transaction<IdpTables>, row: IdpTables['clients']): Promise<void> {
  try {
    await trx.insertInto('clients').values(row).execute()
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new Problem('conflict', { detail: 'there is a client of this id' })
  }
}

function invalidId(): Problem {
  const message = 'must be 1 to 200 visible characters'
  return new Problem('validation_failed', { faults: [{ path: '/client_id', message }] })
}
