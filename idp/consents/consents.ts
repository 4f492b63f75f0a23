import type { Clock } from '@gatehouse/kit/clock'
import { Type } from '@gatehouse/kit/schema'
import type { Transaction } from 'kysely'
import { readStored } from '../storage/stored-json.ts'
import type { IdpStore, IdpTables } from '../storage/tables.ts'

export interface Consent {
  readonly clientId: string
  readonly openIdScope: string
  /** Scopes by resource indicator, separated by spaces. */
  readonly resourceScopes: Readonly<Record<string, string>>
  readonly grantedAt: number
}

const columns = ['client_id', 'openid_scope', 'resource_scopes', 'granted_at'] as const

const resourceScopesSchema = Type.Record(Type.String(), Type.String())

/**
 * What people have allowed clients. A consent outlives the grants that are made from it: signing out ends the
 * grant, and signing in again makes a new one without asking for what was allowed before.
 */
export class Consents {
  readonly #store: IdpStore
  readonly #clock: Clock

  constructor(options: { store: IdpStore; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** What was allowed, as it stays until the transaction ends. */
  async hold(accountId: string, clientId: string, trx: Transaction<IdpTables>): Promise<Consent | undefined> {
    const row = await trx
      .updateTable('consents')
      .set((consent) => ({ updated_at: consent.ref('updated_at') }))
      .where('account_id', '=', accountId)
      .where('client_id', '=', clientId)
      .returning(columns)
      .executeTakeFirst()
    return row === undefined ? undefined : readConsent(row)
  }

  async list(accountId: string): Promise<readonly Consent[]> {
    const rows = await this.#store.db
      .selectFrom('consents')
      .select(columns)
      .where('account_id', '=', accountId)
      .orderBy('granted_at', 'desc')
      .execute()
    return rows.map(readConsent)
  }

  async remember(
    accountId: string,
    consent: Omit<Consent, 'grantedAt'>,
    trx: Transaction<IdpTables>,
  ): Promise<void> {
    const now = this.#clock.now()
    const changed = {
      openid_scope: consent.openIdScope,
      resource_scopes: JSON.stringify(consent.resourceScopes),
      updated_at: now,
    }
    await trx
      .insertInto('consents')
      .values({ account_id: accountId, client_id: consent.clientId, granted_at: now, ...changed })
      .onConflict((conflict) => conflict.columns(['account_id', 'client_id']).doUpdateSet(changed))
      .execute()
  }

  /** @returns whether there was one */
  async forget(accountId: string, clientId: string, trx: Transaction<IdpTables>): Promise<boolean> {
    const { numDeletedRows } = await trx
      .deleteFrom('consents')
      .where('account_id', '=', accountId)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
}

interface ConsentRow {
  readonly client_id: string
  readonly openid_scope: string
  readonly resource_scopes: string
  readonly granted_at: number
}

function readConsent(row: ConsentRow): Consent {
  return {
    clientId: row.client_id,
    openIdScope: row.openid_scope,
    resourceScopes: readStored(resourceScopesSchema, row.resource_scopes),
    grantedAt: row.granted_at,
  }
}
