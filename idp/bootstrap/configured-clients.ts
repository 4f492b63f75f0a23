import { isDeepStrictEqual } from 'node:util'
import { clientMetadata } from '@gatehouse/kit/config/client-metadata'
import { StartError } from '@gatehouse/kit/errors'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { readClientRecord } from '../clients/metadata.ts'
import { profileFault } from '../clients/profile.ts'
import { clientSecretMac } from '../clients/secrets.ts'
import type { IdpDeps } from '../deps.ts'

/**
 * Makes the clients of `idp.clients`, and follows the configuration when they are there.
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
    const mac = secret === undefined ? undefined : clientSecretMac(ctx.masterKey, client.client_id, secret)
    const known = await deps.clients.find(client.client_id)
    // A secret cannot be compared without being known: it is written each time.
    if (mac !== undefined || !isDeepStrictEqual(known, record)) await deps.clients.put(record, mac)
  }
}
