import type { MasterKey } from '@gatehouse/kit/secrets'
import type { AdapterPayload } from 'oidc-provider'
import { resourceScopeProperty, type Clients } from '../clients/clients.ts'
import { readClientRecord } from '../clients/metadata.ts'
import { removeClient } from '../clients/remove.ts'
import { clientSecretMac } from '../clients/secrets.ts'
import type { Outbox } from '../events/outbox.ts'
import type { IdpStore } from '../storage/tables.ts'

export interface RegistrationsOptions {
  readonly store: IdpStore
  readonly outbox: Outbox
  readonly clients: Clients
  readonly masterKey: MasterKey
}

/** Writes the clients that register themselves (RFC 7591), as the library hands them over. */
export class Registrations {
  readonly #options: RegistrationsOptions

  constructor(options: RegistrationsOptions) {
    this.#options = options
  }

  async save(id: string, { client_secret: secret, ...metadata }: AdapterPayload): Promise<void> {
    const { clients, masterKey } = this.#options
    const scopes = [metadata.scope, metadata[resourceScopeProperty]].filter(
      (part) => typeof part === 'string',
    )
    const record = readClientRecord(JSON.stringify({ ...metadata, scope: scopes.join(' ').trim() }))
    const known = await clients.forProvider(id)
    // An update hands back what stands in the place of the secret.
    const isNew = secret !== undefined && secret !== known?.client_secret
    await clients.put(record, isNew ? clientSecretMac(masterKey, id, secret) : undefined)
  }

  async remove(id: string): Promise<void> {
    const { store } = this.#options
    await store.db.transaction().execute((trx) => removeClient(trx, this.#options, id))
  }
}
