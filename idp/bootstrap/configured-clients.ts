import { isDeepStrictEqual } from 'node:util'
import { clientMetadata } from '@gatehouse/kit/config/client-metadata'
import { StartError } from '@gatehouse/kit/errors'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { readClientRecord, type ClientRecord } from '../clients/metadata.ts'
import { profileFault } from '../clients/profile.ts'
import { clientSecretMac, isClientSecret } from '../clients/secrets.ts'
import type { IdpDeps } from '../deps.ts'

/** Who makes and changes these clients. */
const actor = 'configuration'

/**
 * Makes the clients of `idp.clients`, and follows the configuration when they are there; what that changes is on record.
 * @throws StartError when a key set is no JSON
 */
export async function registerConfigured(ctx: PartContext, deps: IdpDeps): Promise<void> {
  for (const client of ctx.config.idp.protocol.clients) {
    const { client_secret: secret } = client
    const record = readClientRecord(JSON.stringify(clientMetadata(client)))
    const fault = profileFault(record)
    if (fault !== undefined)
      throw new StartError(`idp.clients: ${client.client_id}: ${fault}`, {
        hint: 'change its token_endpoint_auth_method, or drop its profile',
      })
    await follow(ctx, deps, record, secret)
  }
}

async function follow(
  { masterKey }: PartContext,
  { clients, store, audit }: IdpDeps,
  record: ClientRecord,
  secret: string | undefined,
): Promise<void> {
  const { client_id: id } = record
  const known = await clients.find(id)
  const mac = (await clients.forProvider(id))?.client_secret
  const isSameSecret =
    secret === undefined || (mac !== undefined && isClientSecret(masterKey, id, mac, secret))
  if (isSameSecret && isDeepStrictEqual(known, record)) return
  const action = known === undefined ? 'client.created' : 'client.updated'
  await store.db.transaction().execute(async (trx) => {
    await clients.put(record, secret === undefined ? undefined : clientSecretMac(masterKey, id, secret), trx)
    await audit.appendIn(trx, { action, actor, subject: id })
  })
}
