import { conforms } from '@gatehouse/kit'
import type { MasterKey } from '@gatehouse/kit/secrets'
import type { Migration, Store } from '@gatehouse/kit/store/open'
import { Profile } from './profile.ts'

export interface UsersTables {
  /** `sealed` is the profile as JSON under the master key: names and addresses do not rest in the clear. */
  profiles: { id: string; sealed: string }
}

export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: 'profiles',
    async up(db) {
      await db.schema
        .createTable('profiles')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .execute()
    },
  },
]

export class Profiles {
  readonly #store: Store<UsersTables>
  readonly #masterKey: MasterKey

  constructor(store: Store<UsersTables>, masterKey: MasterKey) {
    this.#store = store
    this.#masterKey = masterKey
  }

  async find(id: string): Promise<Profile | undefined> {
    const row = await this.#store.db
      .selectFrom('profiles')
      .select('sealed')
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const profile: unknown = JSON.parse(this.#masterKey.open(row.sealed, place(id)))
    if (!conforms(Profile, profile)) throw new TypeError('a stored profile does not have its shape')
    return profile
  }

  /** Leaves those that exist as they are. */
  async add(profiles: readonly Profile[]): Promise<void> {
    const rows = profiles.map((profile) => ({
      id: profile.id,
      sealed: this.#masterKey.seal(JSON.stringify(profile), place(profile.id)),
    }))
    await this.#store.db
      .insertInto('profiles')
      .values(rows)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
}

function place(id: string): string {
  return `users.profiles.sealed:${id}`
}
