import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Transaction } from 'kysely'
import { errors, Provider, type AdapterPayload } from 'oidc-provider'
import type { IdpAudit } from '../audit.ts'
import { resourceScopeProperty, type Clients } from '../clients/clients.ts'
import { InvalidClientRecord, readClientRecord, type ClientRecord } from '../clients/metadata.ts'
import { withOperatorsOwn } from '../clients/operators-own.ts'
import { profileFault } from '../clients/profile.ts'
import { removeClient } from '../clients/remove.ts'
import { clientSecretMac } from '../clients/secrets.ts'
import type { Outbox } from '../events/outbox.ts'
import { txnHeader } from '../provider/show.ts'
import type { IdpStore, IdpTables } from '../storage/tables.ts'

export interface RegistrationsOptions {
  readonly store: IdpStore
  readonly outbox: Outbox
  readonly clients: Clients
  readonly masterKey: MasterKey
  readonly audit: IdpAudit
}

/** Writes the clients that register themselves (RFC 7591), as the library hands them over, and puts that on record. */
export class Registrations {
  readonly #options: RegistrationsOptions

  constructor(options: RegistrationsOptions) {
    this.#options = options
  }

  async save(id: string, payload: AdapterPayload): Promise<void> {
    const { store, clients, masterKey } = this.#options
    const { client_secret: secret, [resourceScopeProperty]: resourceScope, ...metadata } = payload
    const scopes = [metadata.scope, resourceScope].filter((part) => typeof part === 'string')
    const record = readable({ ...metadata, scope: scopes.join(' ').trim() })
    const known = await clients.forProvider(id)
    // An update hands back what stands in the place of the secret.
    const isNew = secret !== undefined && secret !== known?.client_secret
    const secretMac = isNew ? clientSecretMac(masterKey, id, secret) : undefined
    const isUpdate = Provider.ctx?.oidc.route === 'client_update'
    await store.db.transaction().execute(async (trx) => {
      if (!isUpdate) await clients.put(record, secretMac, trx)
      else await this.#change(trx, record, secretMac)
      await this.#record(trx, isUpdate ? 'client.updated' : 'client.registered', id)
    })
  }

  async #change(
    trx: Transaction<IdpTables>,
    record: ClientRecord,
    secretMac: string | undefined,
  ): Promise<void> {
    const { clients } = this.#options
    const known = await clients.hold(record.client_id, trx)
    // It may have been removed since the request began, and does not come back by it.
    if (known === undefined) throw new errors.InvalidToken('its client is gone')
    const changed = withOperatorsOwn(record, known)
    const fault = profileFault(changed)
    if (fault !== undefined) throw new errors.InvalidClientMetadata(fault)
    await clients.change(changed, secretMac, trx)
  }

  async remove(id: string): Promise<void> {
    await this.#options.store.db.transaction().execute(async (trx) => {
      if (await removeClient(trx, this.#options, id)) await this.#record(trx, 'client.deleted', id)
    })
  }

  /** A client that registers itself acts for itself. */
  #record(trx: Transaction<IdpTables>, action: string, id: string): Promise<void> {
    return this.#options.audit.appendIn(trx, {
      action,
      actor: id,
      subject: id,
      txn: Provider.ctx?.get(txnHeader),
    })
  }
}

/** @throws InvalidClientMetadata for what the library takes and is too long to be kept */
function readable(metadata: AdapterPayload): ClientRecord {
  try {
    return readClientRecord(JSON.stringify(metadata))
  } catch (cause) {
    if (!(cause instanceof InvalidClientRecord)) throw cause
    const names = cause.faults.map(({ name }) => name).join(', ')
    throw new errors.InvalidClientMetadata(`${names} cannot be kept as it is`)
  }
}
