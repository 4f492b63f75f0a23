import type { Clock } from '@gatehouse/kit/clock'
import { Type } from '@gatehouse/kit/schema'
import type { MasterKey } from '@gatehouse/kit/secrets'
import { BySize, times } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import type { Kysely } from 'kysely'
import { readStored } from '../storage/stored-json.ts'
import { personalClaims, type PersonalClaims } from './personal-claims.ts'
import type { AccountTable, IdpStore, IdpTables } from '../storage/tables.ts'

export interface AccountRecord {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly email: string | undefined
  readonly roles: readonly string[]
  readonly disabled: boolean
  readonly updatedAt: number
  /** What else is known of the person: opened when somebody asks, which most requests do not. */
  claims(): PersonalClaims
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
  readonly claims?: PersonalClaims | undefined
}

const rolesSchema = Type.Array(Type.String())

/** People who can sign in. */
export class Accounts {
  readonly #store: IdpStore
  readonly #masterKey: MasterKey
  readonly #clock: Clock
  readonly #byId: BySize<AccountTable>
  readonly #finds = new Together<string, AccountTable>({
    same: 'share',
    run: (ids) => this.#rows([...ids.keys()]),
  })

  constructor(options: { store: IdpStore; masterKey: MasterKey; clock: Clock }) {
    this.#store = options.store
    this.#masterKey = options.masterKey
    this.#clock = options.clock
    this.#byId = new BySize((size) => selectMany(options.store, size))
  }

  async find(id: string): Promise<AccountRecord | undefined> {
    return (await this.credentialsById(id))?.account
  }

  async findByUsername(folded: string): Promise<AccountRecord | undefined> {
    return (await this.credentialsByUsername(folded))?.account
  }

  async credentialsById(id: string): Promise<AccountCredentials | undefined> {
    return this.#credentials(await this.#finds.ask(id, id))
  }

  async credentialsByUsername(folded: string): Promise<AccountCredentials | undefined> {
    const query = this.#store.db.selectFrom('accounts').selectAll().where('username', '=', folded)
    return this.#credentials(await query.executeTakeFirst())
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
        claims_sealed: account.claims === undefined ? null : this.#sealed(account.id, account.claims),
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

  async setClaims(id: string, claims: PersonalClaims, db: Kysely<IdpTables> = this.#store.db): Promise<void> {
    await db
      .updateTable('accounts')
      .set({ claims_sealed: this.#sealed(id, claims), updated_at: this.#clock.now() })
      .where('id', '=', id)
      .execute()
  }

  #sealed(id: string, claims: PersonalClaims): string {
    return this.#masterKey.seal(JSON.stringify(claims), claimsContext(id))
  }

  async #rows(ids: readonly string[]): Promise<ReadonlyMap<string, AccountTable>> {
    const { rows } = await this.#store.db.executeQuery(this.#byId.query(ids.length, ids))
    return new Map(rows.map((row) => [row.id, row]))
  }

  #credentials(row: AccountTable | undefined): AccountCredentials | undefined {
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
      claims: () => this.#claims(row),
    }
    return { account, passwordHash: row.password_hash }
  }

  #claims({ id, claims_sealed: sealed }: AccountTable): PersonalClaims {
    return sealed === null ? {} : readStored(personalClaims, this.#masterKey.open(sealed, claimsContext(id)))
  }
}

function selectMany({ db }: IdpStore, size: number) {
  return db.selectFrom('accounts').selectAll().where('id', 'in', times(size, '')).compile()
}

function emailContext(id: string): string {
  return `idp.accounts ${id} email`
}

function claimsContext(id: string): string {
  return `idp.accounts ${id} claims`
}
