import { BySize, times } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import { idHash } from './hash.ts'
import type { IdpStore, ReplayTable } from './tables.ts'
import { orUnavailable } from './unavailable.ts'

/** Remembers each `jti` that was accepted until it would have expired anyway. */
export class Replays {
  readonly #store: IdpStore
  readonly #insert: BySize<Pick<ReplayTable, 'id_hash'>>
  readonly #inserts = new Together<number, true>({ same: 'queue', run: (rows) => this.#insertAll(rows) })

  constructor(store: IdpStore) {
    this.#store = store
    this.#insert = new BySize((size) => insertMany(store, size))
  }

  /**
   * The INSERT is the check: the database refuses the second one, however close the two are.
   * @param expiresAt seconds since the epoch
   * @returns whether the pair was new
   */
  remember(issuer: string, jti: string, expiresAt: number): Promise<boolean> {
    const id_hash = idHash(JSON.stringify([issuer, jti]))
    return orUnavailable(async () => (await this.#inserts.ask(id_hash, expiresAt * 1000)) === true)
  }

  async #insertAll(rows: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, true>> {
    const { rows: inserted } = await this.#store.db.executeQuery(
      this.#insert.query(rows.size, [...rows].flat()),
    )
    return new Map(inserted.map(({ id_hash }) => [id_hash, true]))
  }
}

/** Answers with the rows that were not there before. */
function insertMany({ db }: IdpStore, size: number) {
  return db
    .insertInto('replays')
    .values(times(size, { id_hash: '', expires_at: 0 }))
    .onConflict((conflict) => conflict.column('id_hash').doNothing())
    .returning('id_hash')
    .compile()
}
