import { isDeepStrictEqual } from 'node:util'
import { clientMetadata } from '@gatehouse/kit/config/client-metadata'
import type { ClientConfig } from '@gatehouse/kit/config/types-protocol'
import { Problem, StartError } from '@gatehouse/kit/errors'
import type { PartContext } from '@gatehouse/kit/lifecycle'
import { checkedRecord, needsSecret } from '../admin/clients/metadata.ts'
import type { ClientRecord } from '../clients/metadata.ts'
import { clientSecretMac, isClientSecret } from '../clients/secrets.ts'
import type { IdpDeps } from '../deps.ts'

/** Who makes and changes these clients. */
const actor = 'configuration'

/**
 * Makes the clients of `idp.clients`, and follows the configuration when they are there; what that changes is on record.
 * @throws StartError when a key set is no JSON, or for a client that could not be used as it is written
 */
export async function registerConfigured(ctx: PartContext, deps: IdpDeps): Promise<void> {
  for (const client of ctx.config.idp.protocol.clients) {
    const { client_id: id, client_secret: secret } = client
    const record = recordOf(client, deps)
    if (secret === undefined && needsSecret(record.token_endpoint_auth_method)) await requireSecret(id, deps)
    await follow(ctx, deps, record, secret)
  }
}

/** Held to what the admin API holds others to: otherwise each of its requests would be answered `invalid_client_metadata`. */
function recordOf(client: ClientConfig, deps: IdpDeps): ClientRecord {
  try {
    return checkedRecord(deps, clientMetadata(client))
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    const faults = cause.faults.map(({ path, message }) => `${path.slice(1)} ${message}`)
    throw unusable(client.client_id, cause.detail ?? faults.join('; '), cause)
  }
}

/** One that somebody has made through the admin API stays: the configuration may leave secrets out. */
async function requireSecret(id: string, { clients }: IdpDeps): Promise<void> {
  const known = await clients.forProvider(id)
  if (known?.client_secret === undefined) throw unusable(id, 'client_secret is missing')
}

function unusable(id: string, why: string, cause?: unknown): StartError {
  return new StartError(`idp.clients: ${id}: ${why}`, {
    hint: 'correct the entry; docs/configuration.md has its members, RFC 7591 says what goes together',
    cause,
  })
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
