import type { Clock } from '@gatehouse/kit/clock'
import { EvidenceCache } from '@gatehouse/kit/guard/evidence'
import { BySize, times } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import type { Kysely, Transaction } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import type { IdpStore, IdpTables } from '../storage/tables.ts'
import { readClientRecord, type ClientRecord } from './metadata.ts'
import { withOperatorsOwn } from './operators-own.ts'
import { demandsOf, profileFault } from './profile.ts'
import { isOpenIdScope, splitScope } from '../provider/scopes.ts'

/** The extra property under which the library carries the scopes that are not OpenID Connect's own. */
export const resourceScopeProperty = 'resource_scope'

/** Of this many clients the form in which the library wants them is kept. */
const remembered = 1_000

interface Row {
  readonly client_id: string
  readonly metadata: string
  readonly secret_mac: string | null
}

interface Readable {
  readonly metadata: AdapterPayload
  readonly expiresAt: number | undefined
}

/** Registered clients. Each look-up reads the row, so that a change counts at once; what a text means is kept. */
export class Clients {
  readonly #store: IdpStore
  readonly #clock: Clock
  readonly #byId: BySize<Row>
  readonly #finds = new Together<string, Row>({ same: 'share', run: (ids) => this.#rows([...ids.keys()]) })
  readonly #read = new EvidenceCache<Readable>(remembered)

  constructor(options: { store: IdpStore; clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#byId = new BySize((size) => selectMany(options.store, size))
  }

  async find(clientId: string): Promise<ClientRecord | undefined> {
    const row = await this.#finds.ask(clientId, clientId)
    return row === undefined ? undefined : readClientRecord(row.metadata)
  }

  /** Names by id, for pages that list clients; ids that are not known are left out. */
  async names(clientIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (clientIds.length === 0) return new Map()
    const rows = await this.#store.db
      .selectFrom('clients')
      .select(['client_id', 'metadata'])
      .where('client_id', 'in', clientIds)
      .execute()
    return new Map(rows.map((row) => [row.client_id, readClientRecord(row.metadata).client_name]))
  }

  /** Names of all clients but those that nobody here knows. */
  async namesOfKnown(): Promise<readonly string[]> {
    const rows = await this.#store.db
      .selectFrom('clients')
      .select('metadata')
      // Within a text the quotes would have backslashes before them.
      .where('metadata', 'not like', '%"unknown_party":true%')
      .execute()
    return rows.map((row) => readClientRecord(row.metadata).client_name)
  }

  async isEmpty(): Promise<boolean> {
    const row = await this.#store.db.selectFrom('clients').select('client_id').limit(1).executeTakeFirst()
    return row === undefined
  }

  /** A client as the library wants it; in the place of the secret stands its keyed hash (see provider/internals.ts). */
  async forProvider(clientId: string): Promise<AdapterPayload | undefined> {
    const row = await this.#finds.ask(clientId, clientId)
    if (row === undefined) return undefined
    const { metadata, expiresAt } = this.#readable(row.metadata)
    if (expiresAt !== undefined && expiresAt <= this.#clock.now()) return undefined
    return row.secret_mac === null ? { ...metadata } : { ...metadata, client_secret: row.secret_mac }
  }

  #readable(text: string): Readable {
    const known = this.#read.get(text)
    if (known !== undefined) return known
    const record = readClientRecord(text)
    const readable = { metadata: providerMetadata(record), expiresAt: record.expires_at }
    this.#read.set(text, readable)
    return readable
  }

  /** Writes a client, new or known. `secretMac` undefined leaves the secret as it is. */
  async put(record: ClientRecord, secretMac?: string, db: Kysely<IdpTables> = this.#store.db): Promise<void> {
    const changed = this.#columns(record, secretMac)
    await db
      .insertInto('clients')
      .values({ client_id: record.client_id, secret_mac: null, created_at: changed.updated_at, ...changed })
      .onConflict((conflict) => conflict.column('client_id').doUpdateSet(changed))
      .execute()
  }

  /** Writes a client as its document describes it now. @returns why it cannot be held to what an operator has said of it */
  async renew(described: ClientRecord): Promise<string | undefined> {
    return this.#store.db.transaction().execute(async (trx) => {
      const record = withOperatorsOwn(described, await this.hold(described.client_id, trx))
      const fault = profileFault(record)
      if (fault === undefined) await this.put(record, undefined, trx)
      return fault
    })
  }

  /** A client as it is, and as it stays until the transaction ends. */
  async hold(clientId: string, trx: Transaction<IdpTables>): Promise<ClientRecord | undefined> {
    const row = await trx
      .updateTable('clients')
      .set((client) => ({ updated_at: client.ref('updated_at') }))
      .where('client_id', '=', clientId)
      .returning('metadata')
      .executeTakeFirst()
    return row === undefined ? undefined : readClientRecord(row.metadata)
  }

  /** Writes a client that is held. */
  async change(
    record: ClientRecord,
    secretMac: string | undefined,
    trx: Transaction<IdpTables>,
  ): Promise<void> {
    await trx
      .updateTable('clients')
      .set(this.#columns(record, secretMac))
      .where('client_id', '=', record.client_id)
      .execute()
  }

  #columns(record: ClientRecord, secretMac: string | undefined) {
    return {
      metadata: JSON.stringify(record),
      updated_at: this.#clock.now(),
      expires_at: record.expires_at ?? null,
      ...(secretMac === undefined ? {} : { secret_mac: secretMac }),
    }
  }

  async #rows(ids: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const { rows } = await this.#store.db.executeQuery(this.#byId.query(ids.length, ids))
    return new Map(rows.map((row) => [row.client_id, row]))
  }
}

function selectMany({ db }: IdpStore, size: number) {
  return db
    .selectFrom('clients')
    .select(['client_id', 'metadata', 'secret_mac'])
    .where('client_id', 'in', times(size, ''))
    .compile()
}

/** The library knows OpenID Connect's scopes only, so the APIs' travel in a property of their own. */
export function providerMetadata(record: ClientRecord): AdapterPayload {
  const { scope, ...metadata } = record
  const scopes = splitScope(scope)
  const openIdScope = scopes.filter(isOpenIdScope).join(' ')
  return {
    ...metadata,
    ...demandsOf(record),
    // The library refuses an empty one.
    ...(openIdScope === '' ? {} : { scope: openIdScope }),
    [resourceScopeProperty]: scopes.filter((member) => !isOpenIdScope(member)).join(' '),
  }
}
