import type { Clock } from '@gatehouse/kit/clock'
import type { MasterKey } from '@gatehouse/kit/secrets'
import { BySize, times } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import { idHash } from './hash.ts'
import type { IdpStore } from './tables.ts'

/** What is known of a refresh token that was used. */
export interface Succession {
  /** The token that took its place; undefined while the request that used it has no answer yet. */
  readonly successor: string | undefined
  /** When that answer was made, milliseconds since the epoch; undefined: nobody was there any more to take it. */
  readonly answeredAt: number | undefined
  /** Another request used it before that. */
  readonly contested: boolean
  /** The end of the grace, milliseconds since the epoch. */
  readonly until: number
}

/** For the time of the grace: which refresh token took the place of which (RFC 9700 section 4.14.2). */
export class Successors {
  readonly #store: IdpStore
  readonly #masterKey: MasterKey
  readonly #clock: Clock
  readonly #graceMs: number
  readonly #upsert: BySize<unknown>
  readonly #answers = new Together<string, true>({ same: 'queue', run: (sealed) => this.#answerAll(sealed) })

  constructor(options: { store: IdpStore; masterKey: MasterKey; clock: Clock; graceMs: number }) {
    this.#store = options.store
    this.#masterKey = options.masterKey
    this.#clock = options.clock
    this.#graceMs = options.graceMs
    this.#upsert = new BySize((size) => upsertMany(options.store, size))
  }

  async find(used: string): Promise<Succession | undefined> {
    const id_hash = idHash(used)
    const row = await this.#store.db
      .selectFrom('successors')
      .select(['successor_sealed', 'answered_at', 'contested', 'expires_at'])
      .where('id_hash', '=', id_hash)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { successor_sealed: sealed, answered_at, contested, expires_at: until } = row
    const successor = sealed === null ? undefined : this.#masterKey.open(sealed, sealContext(id_hash))
    return { successor, answeredAt: answered_at ?? undefined, contested: contested === 1, until }
  }

  /**
   * The request that used it is about to be answered.
   * @param isLost its client is gone already: nobody gets the answer, so whoever else asks is given its successor, also who
   *   asked a moment before it.
   */
  async answer(used: string, successor: string, isLost: boolean): Promise<void> {
    const id_hash = idHash(used)
    const successor_sealed = this.#masterKey.seal(successor, sealContext(id_hash))
    if (!isLost) return void (await this.#answers.ask(id_hash, successor_sealed))
    const row = {
      successor_sealed,
      answered_at: null,
      contested: 0,
      expires_at: this.#clock.now() + this.#graceMs,
    }
    await this.#store.db
      .insertInto('successors')
      .values({ id_hash, ...row })
      .onConflict((conflict) => conflict.column('id_hash').doUpdateSet(row))
      .execute()
  }

  /** Another request used it before that answer was made: if it arrives, nobody is given its successor again. */
  async contest(used: string): Promise<void> {
    const row = { contested: 1, expires_at: this.#clock.now() + this.#graceMs }
    await this.#store.db
      .insertInto('successors')
      .values({ id_hash: idHash(used), successor_sealed: null, answered_at: null, ...row })
      .onConflict((conflict) =>
        conflict.column('id_hash').doUpdateSet(row).where('successors.successor_sealed', 'is', null),
      )
      .execute()
  }

  async #answerAll(sealed: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, true>> {
    const now = this.#clock.now()
    const rows = [...sealed].flatMap(([id_hash, successor]) => [
      id_hash,
      successor,
      now,
      0,
      now + this.#graceMs,
    ])
    await this.#store.db.executeQuery(this.#upsert.query(sealed.size, rows))
    return new Map()
  }
}

function upsertMany({ db }: IdpStore, size: number) {
  const row = { id_hash: '', successor_sealed: '', answered_at: 0, contested: 0, expires_at: 0 }
  return db
    .insertInto('successors')
    .values(times(size, row))
    .onConflict((conflict) =>
      conflict.column('id_hash').doUpdateSet((known) => ({
        successor_sealed: known.ref('excluded.successor_sealed'),
        answered_at: known.ref('excluded.answered_at'),
        expires_at: known.ref('excluded.expires_at'),
      })),
    )
    .compile()
}

function sealContext(id_hash: string): string {
  return `idp.successors ${id_hash}`
}
