import type { Clock } from '@gatehouse/kit/clock'
import { BySize, times } from '@gatehouse/kit/store/by-size'
import { Together } from '@gatehouse/kit/store/together'
import type { Kysely, Transaction } from 'kysely'
import type { ArtifactTable, IdpStore, IdpTables } from './tables.ts'

export type SealedRow = Pick<ArtifactTable, 'model' | 'id_hash' | 'payload_sealed' | 'consumed_at'>
export type NewRow = Omit<ArtifactTable, 'consumed_at'>

/** In this order they are the parameters of an INSERT. */
const columns = [
  'model',
  'id_hash',
  'payload_sealed',
  'grant_hash',
  'uid_hash',
  'user_code_hash',
  'account_id',
  'client_id',
  'expires_at',
] as const satisfies (keyof NewRow)[]

const anyRow: NewRow = {
  model: '',
  id_hash: '',
  payload_sealed: '',
  grant_hash: '',
  uid_hash: '',
  user_code_hash: '',
  account_id: '',
  client_id: '',
  expires_at: 0,
}

/** The three statements on `artifacts` that each token request makes, for many requests at a time. */
export class ArtifactStatements {
  readonly #store: IdpStore
  readonly #clock: Clock
  readonly #select: BySize<SealedRow>
  readonly #consume: BySize<Pick<ArtifactTable, 'id_hash'>>
  readonly #upsert: BySize<unknown>
  readonly #finds = byModel<SealedRow>('share', (model, ids) => this.#findAll(model, ids))
  readonly #consumes = byModel<true>('queue', (model, ids) => this.#consumeAll(model, ids))
  readonly #saves = new Together<NewRow, true>({
    same: 'queue',
    run: (rows) => this.#saveAll(this.#store.db, [...rows.values()]),
  })

  constructor(store: IdpStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#select = new BySize((size) => selectMany(store, size))
    this.#consume = new BySize((size) => consumeMany(store, size))
    this.#upsert = new BySize((size) => upsertMany(store, size))
  }

  find(model: string, id_hash: string): Promise<SealedRow | undefined> {
    return this.#finds(model).ask(id_hash, id_hash)
  }

  /** @returns whether it was this call that used it up */
  async consume(model: string, id_hash: string): Promise<boolean> {
    return (await this.#consumes(model).ask(id_hash, id_hash)) === true
  }

  async save(row: NewRow): Promise<void> {
    await this.#saves.ask(JSON.stringify([row.model, row.id_hash]), row)
  }

  /** In a transaction that does more. */
  async saveIn(trx: Transaction<IdpTables>, row: NewRow): Promise<void> {
    await this.#saveAll(trx, [row])
  }

  async #findAll(model: string, ids: readonly string[]): Promise<ReadonlyMap<string, SealedRow>> {
    const query = this.#select.query(ids.length, [model, ...ids])
    const { rows } = await this.#store.db.executeQuery(query)
    return new Map(rows.map((row) => [row.id_hash, row]))
  }

  async #consumeAll(model: string, ids: readonly string[]): Promise<ReadonlyMap<string, true>> {
    const query = this.#consume.query(ids.length, [this.#clock.now(), model, ...ids])
    const { rows } = await this.#store.db.executeQuery(query)
    return new Map(rows.map((row) => [row.id_hash, true]))
  }

  async #saveAll(db: Kysely<IdpTables>, rows: readonly NewRow[]): Promise<ReadonlyMap<string, true>> {
    const parameters = rows.flatMap((row) => columns.map((column) => row[column]))
    await db.executeQuery(this.#upsert.query(rows.length, parameters))
    return new Map()
  }
}

type AskAbout<R> = (model: string, ids: readonly string[]) => Promise<ReadonlyMap<string, R>>

/** The library has about a dozen models, and each statement is about one. */
function byModel<R>(same: 'share' | 'queue', ask: AskAbout<R>): (model: string) => Together<string, R> {
  const made = new Map<string, Together<string, R>>()
  return (model) => {
    const known = made.get(model)
    if (known !== undefined) return known
    const together = new Together<string, R>({ same, run: (ids) => ask(model, [...ids.keys()]) })
    made.set(model, together)
    return together
  }
}

function selectMany({ db }: IdpStore, size: number) {
  return db
    .selectFrom('artifacts')
    .select(['model', 'id_hash', 'payload_sealed', 'consumed_at'])
    .where('model', '=', '')
    .where('id_hash', 'in', times(size, ''))
    .compile()
}

/** Whoever comes second, however close, does not find it unused. */
function consumeMany({ db }: IdpStore, size: number) {
  return db
    .updateTable('artifacts')
    .set({ consumed_at: 0 })
    .where('model', '=', '')
    .where('id_hash', 'in', times(size, ''))
    .where('consumed_at', 'is', null)
    .returning('id_hash')
    .compile()
}

function upsertMany({ db }: IdpStore, size: number) {
  return db
    .insertInto('artifacts')
    .values(times(size, anyRow))
    .onConflict((conflict) =>
      conflict.columns(['model', 'id_hash']).doUpdateSet((row) => ({
        payload_sealed: row.ref('excluded.payload_sealed'),
        grant_hash: row.ref('excluded.grant_hash'),
        uid_hash: row.ref('excluded.uid_hash'),
        user_code_hash: row.ref('excluded.user_code_hash'),
        account_id: row.ref('excluded.account_id'),
        client_id: row.ref('excluded.client_id'),
        expires_at: row.ref('excluded.expires_at'),
      })),
    )
    .compile()
}
