import type { Clock } from '@gatehouse/kit/clock'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Kysely, Transaction } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import { grantRevoked } from '../events/endings.ts'
import type { Outbox } from '../events/outbox.ts'
import { ArtifactStatements, type NewRow, type SealedRow } from './artifact-statements.ts'
import { idHash } from './hash.ts'
import { lockName } from './lock-name.ts'
import { readPayload } from './payload.ts'
import type { IdpStore, IdpTables } from './tables.ts'

/** Whom an artifact belongs to. */
export interface ArtifactOwner {
  readonly accountId: string | undefined
  readonly clientId: string | undefined
}

interface FamilyRow {
  readonly grant_hash: string | null
  readonly account_id: string | null
  readonly client_id: string | null
}

/** Models that end with the grant they came from. */
const grantBound: ReadonlySet<string> = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
])

/** The queries on `artifacts`. Payloads come and go as oidc-provider wants them; at rest they are sealed. */
export class Artifacts {
  readonly #store: IdpStore
  readonly #masterKey: MasterKey
  readonly #clock: Clock
  readonly #outbox: Outbox
  readonly #statements: ArtifactStatements

  constructor(options: { store: IdpStore; masterKey: MasterKey; clock: Clock; outbox: Outbox }) {
    this.#store = options.store
    this.#masterKey = options.masterKey
    this.#clock = options.clock
    this.#outbox = options.outbox
    this.#statements = new ArtifactStatements(options.store, options.clock)
  }

  /**
   * @param ttl seconds until it is of no use any more; undefined: never
   * @param trx a transaction that does more
   */
  async save(
    model: string,
    id: string,
    payload: AdapterPayload,
    ttl: number | undefined,
    trx?: Transaction<IdpTables>,
  ): Promise<void> {
    const row = this.#row(model, id, payload, ttl)
    await (trx === undefined ? this.#statements.save(row) : this.#statements.saveIn(trx, row))
  }

  /**
   * Saves something new of somebody's after a look at what is kept for the same person; nobody adds to that in between.
   * @param look throws when it must not be
   */
  async saveBeside(
    model: string,
    id: string,
    payload: AdapterPayload,
    ttl: number | undefined,
    look: (others: readonly AdapterPayload[]) => void,
  ): Promise<void> {
    const row = this.#row(model, id, payload, ttl)
    await this.#store.db.transaction().execute(async (trx) => {
      look(await this.holdOfAccount(model, row.account_id ?? '', trx))
      await trx.insertInto('artifacts').values(row).execute()
    })
  }

  #row(model: string, id: string, payload: AdapterPayload, ttl: number | undefined): NewRow {
    const id_hash = idHash(id)
    return {
      model,
      id_hash,
      payload_sealed: this.#masterKey.seal(JSON.stringify(payload), sealContext(model, id_hash)),
      grant_hash: grantHash(model, id_hash, payload),
      uid_hash: hashed(payload.uid),
      user_code_hash: hashed(payload.userCode),
      account_id: accountOf(payload) ?? null,
      client_id: payload.clientId ?? null,
      expires_at: ttl === undefined ? null : this.#clock.now() + ttl * 1000,
    }
  }

  async find(model: string, id: string): Promise<AdapterPayload | undefined> {
    return this.#open(await this.#statements.find(model, idHash(id)))
  }

  async findByUid(model: string, uid: string): Promise<AdapterPayload | undefined> {
    // A session may have several for a while (sessions.ts): the one that lasts counts.
    const rows = this.#rows(model).where('uid_hash', '=', idHash(uid)).orderBy('expires_at', 'desc')
    return this.#open(await rows.executeTakeFirst())
  }

  async findByUserCode(model: string, code: string): Promise<AdapterPayload | undefined> {
    return this.#open(await this.#rows(model).where('user_code_hash', '=', idHash(code)).executeTakeFirst())
  }

  /** Everything of one kind that is kept for somebody. */
  async ofAccount(
    model: string,
    accountId: string,
    db: Kysely<IdpTables> = this.#store.db,
  ): Promise<readonly AdapterPayload[]> {
    const rows = await this.#rows(model, db).where('account_id', '=', accountId).execute()
    return rows.map((row) => this.#open(row)).filter((payload) => payload !== undefined)
  }

  /** The same, and one transaction at a time gets to it. */
  async holdOfAccount(
    model: string,
    accountId: string,
    trx: Transaction<IdpTables>,
  ): Promise<readonly AdapterPayload[]> {
    await lockName(trx, this.#store, `${model} ${accountId}`)
    return this.ofAccount(model, accountId, trx)
  }

  async isThere(model: string, id: string, db: Kysely<IdpTables>): Promise<boolean> {
    const row = await db
      .selectFrom('artifacts')
      .select('id_hash')
      .where('model', '=', model)
      .where('id_hash', '=', idHash(id))
      .executeTakeFirst()
    return row !== undefined
  }

  /** @returns whether it was there: of several that delete it at once, one is told so */
  async destroy(model: string, id: string): Promise<boolean> {
    const result = await this.#deletion()
      .where('model', '=', model)
      .where('id_hash', '=', idHash(id))
      .executeTakeFirst()
    return result.numDeletedRows === 1n
  }

  /** One conditional UPDATE: whoever comes second, however close, gets false. */
  consumeOnce(model: string, id: string): Promise<boolean> {
    return this.#statements.consume(model, idHash(id))
  }

  async ownerOf(model: string, id: string): Promise<ArtifactOwner | undefined> {
    const row = await this.#familyOf(model, id)
    return row === undefined ? undefined : owner(row)
  }

  /**
   * Ends the grant that an artifact came from, and everything that came from it.
   * @returns whose it was, to the one caller that ended it
   */
  async revokeFamilyOf(model: string, id: string): Promise<ArtifactOwner | undefined> {
    const row = await this.#familyOf(model, id)
    if (row === undefined || row.grant_hash === null) return undefined
    const ended = await this.#endGrant(row.grant_hash)
    await this.#deletion().where('grant_hash', '=', row.grant_hash).execute()
    return ended ? owner(row) : undefined
  }

  /** Ends a grant, and says so in a security event. @returns whether this call did */
  endGrant(id: string): Promise<boolean> {
    return this.#endGrant(idHash(id))
  }

  /** The sessions of the IdP in which a person is signed in. */
  async sessionsOf(accountId: string): Promise<readonly AdapterPayload[]> {
    const rows = await this.#rows('Session').where('account_id', '=', accountId).execute()
    return rows.map((row) => this.#open(row)).filter((session) => session !== undefined)
  }

  async revokeByGrantId(model: string, grantId: string): Promise<void> {
    await this.#deletion().where('model', '=', model).where('grant_hash', '=', idHash(grantId)).execute()
  }

  /** Ends every grant of one person to one client, with all tokens. @returns whether there was anything */
  async revokeClientOf(accountId: string, clientId: string, trx: Transaction<IdpTables>): Promise<boolean> {
    const ended = await trx
      .deleteFrom('artifacts')
      .where('account_id', '=', accountId)
      .where('client_id', '=', clientId)
      .returning(['model', 'id_hash'])
      .execute()
    await this.#outbox.appendAll(
      trx,
      ended.filter(({ model }) => model === 'Grant').map(({ id_hash }) => grantRevoked(id_hash)),
    )
    return ended.length > 0
  }

  /** Ends everything of one person, sessions included, but for the session that asks for it. */
  async revokeAccount(accountId: string, exceptSession: string, db: Kysely<IdpTables>): Promise<void> {
    await db
      .deleteFrom('artifacts')
      .where('account_id', '=', accountId)
      .where('id_hash', '!=', idHash(exceptSession))
      .execute()
  }

  #endGrant(hash: string): Promise<boolean> {
    return this.#store.db.transaction().execute(async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom('artifacts')
        .where('model', '=', 'Grant')
        .where('id_hash', '=', hash)
        .executeTakeFirst()
      if (numDeletedRows === 0n) return false
      await this.#outbox.append(trx, grantRevoked(hash))
      return true
    })
  }

  #rows(model: string, db: Kysely<IdpTables> = this.#store.db) {
    return db
      .selectFrom('artifacts')
      .select(['model', 'id_hash', 'payload_sealed', 'consumed_at'])
      .where('model', '=', model)
  }

  #familyOf(model: string, id: string): Promise<FamilyRow | undefined> {
    return this.#store.db
      .selectFrom('artifacts')
      .select(['grant_hash', 'account_id', 'client_id'])
      .where('model', '=', model)
      .where('id_hash', '=', idHash(id))
      .executeTakeFirst()
  }

  #deletion() {
    return this.#store.db.deleteFrom('artifacts')
  }

  #open(row: SealedRow | undefined): AdapterPayload | undefined {
    if (row === undefined) return undefined
    const payload = readPayload(this.#masterKey.open(row.payload_sealed, sealContext(row.model, row.id_hash)))
    // Kept in a column of its own, because consuming must not have to open the seal.
    return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) }
  }
}

/** A grant counts as its own child, so that one DELETE ends it with everything that came from it. */
function grantHash(model: string, id_hash: string, payload: AdapterPayload): string | null {
  if (model === 'Grant') return id_hash
  return grantBound.has(model) ? hashed(payload.grantId) : null
}

/**
 * An interaction in which somebody gave the right password is that person's, as much as the session that it becomes once
 * the browser goes on: it has to end with all else that the password opened.
 */
function accountOf({ accountId, result }: AdapterPayload): string | undefined {
  return result?.login?.accountId ?? accountId
}

function owner(row: FamilyRow): ArtifactOwner {
  return { accountId: row.account_id ?? undefined, clientId: row.client_id ?? undefined }
}

function hashed(id: string | undefined): string | null {
  return id === undefined ? null : idHash(id)
}

/** What a sealed payload is bound to: it cannot be moved to another row. */
export function sealContext(model: string, id_hash: string): string {
  return `idp.artifacts ${model} ${id_hash}`
}
