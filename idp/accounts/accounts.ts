import type { Clock } from '@gatehouse/kit/clock'
import { Type } from '@gatehouse/kit/schema'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Kysely } from 'kysely'
import { readStored } from '../storage/stored-json.ts'
import type { IdpStore, IdpTables } from '../storage/tables.ts'

export interface AccountRecord {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly email: string | undefined
  readonly roles: readonly string[]
  readonly disabled: boolean
  readonly updatedAt: number
}

/** An account with what proves its owner; it does not leave this folder and bootstrap. */
export interface AccountCredentials {
  readonly account: AccountRecord
  readonly passwordHash: string
}

export interface NewAccount {
  readonly id: string
  /** Folded. */
  readonly username: string
  readonly name: string
  readonly email: string | undefined
  readonly roles: readonly string[]
  readonly passwordHash: string
}

const rolesSchema = Type.Array(Type.String())

/** People who can sign in. */
export class Accounts {
  readonly #store: IdpStore
  readonly #masterKey: MasterKey
  readonly #clock: Clock

  constructor(options: { store: IdpStore; masterKey: MasterKey; clock: Clock }) {
    this.#store = options.store
    this.#masterKey = options.masterKey
    this.#clock = options.clock
  }

  async find(id: string): Promise<AccountRecord | undefined> {
    return (await this.#credentials('id', id))?.account
  }

  async findByUsername(folded: string): Promise<AccountRecord | undefined> {
    return (await this.#credentials('username', folded))?.account
  }

  credentialsById(id: string): Promise<AccountCredentials | undefined> {
    return this.#credentials('id', id)
  }

  credentialsByUsername(folded: string): Promise<AccountCredentials | undefined> {
    return this.#credentials('username', folded)
  }

  async isEmpty(): Promise<boolean> {
    const row = await this.#store.db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()
    return row === undefined
  }

  async create(account: NewAccount, db: Kysely<IdpTables> = this.#store.db): Promise<void> {
    const now = this.#clock.now()
    await db
      .insertInto('accounts')
      .values({
        id: account.id,
        username: account.username,
        name: account.name,
        email_sealed:
          account.email === undefined ? null : this.#masterKey.seal(account.email, emailContext(account.id)),
        password_hash: account.passwordHash,
        roles: JSON.stringify(account.roles),
        disabled: 0,
        created_at: now,
        updated_at: now,
      })
      .execute()
  }

  async setPasswordHash(
    id: string,
    passwordHash: string,
    db: Kysely<IdpTables> = this.#store.db,
  ): Promise<void> {
    await db
      .updateTable('accounts')
      .set({ password_hash: passwordHash, updated_at: this.#clock.now() })
      .where('id', '=', id)
      .execute()
  }

  async #credentials(column: 'id' | 'username', value: string): Promise<AccountCredentials | undefined> {
    const row = await this.#store.db
      .selectFrom('accounts')
      .selectAll()
      .where(column, '=', value)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const account = {
      id: row.id,
      username: row.username,
      name: row.name,
      email:
        row.email_sealed === null ? undefined : this.#masterKey.open(row.email_sealed, emailContext(row.id)),
      roles: readStored(rolesSchema, row.roles),
      disabled: row.disabled !== 0,
      updatedAt: row.updated_at,
    }
    return { account, passwordHash: row.password_hash }
  }
}

function emailContext(id: string): string {
  return `idp.accounts ${id} email`
}
