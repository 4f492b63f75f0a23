import { isDeepStrictEqual } from 'node:util'
import type { ClientConfig } from '@gatehouse/kit/config/types-protocol'
import { StartError } from '@gatehouse/kit/errors'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { readClientRecord, type ClientRecord } from '../clients/metadata.ts'
import { profileFault } from '../clients/profile.ts'
import { clientSecretMac } from '../clients/secrets.ts'
import type { IdpDeps } from '../deps.ts'

const withRedirect: ReadonlySet<string> = new Set(['authorization_code', 'implicit'])

/**
 * Makes the clients of `idp.clients`, and follows the configuration when they are there.
 * @throws StartError when a key set is no JSON
 */
export async function registerConfigured(ctx: PartContext, deps: IdpDeps): Promise<void> {
  for (const client of ctx.config.idp.protocol.clients) {
    const { client_secret: secret } = client
    const record = recordOf(client)
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

function recordOf({ client_secret: _secret, jwks, ...client }: ClientConfig): ClientRecord {
  const record = {
    client_name: client.client_id,
    application_type: 'web',
    response_types: client.grant_types.some((type) => withRedirect.has(type)) ? ['code'] : [],
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scope: '',
    ...client,
    ...(jwks === undefined ? {} : { jwks: keySet(client.client_id, jwks) }),
  }
  return readClientRecord(JSON.stringify(record))
}

function keySet(clientId: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new StartError(`idp.clients: the jwks of ${clientId} are not JSON`, {
      hint: 'write a key set (RFC 7517 section 5), or ${file:…} with one',
      cause,
    })
  }
}
