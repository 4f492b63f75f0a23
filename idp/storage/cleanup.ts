import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { repeat } from '@gatehouse/kit/repeat'
import type { EventsPart } from '../events/part.ts'
import type { IdpStore } from './tables.ts'

const everyMs = 60_000
/** Rows are kept this long past their time, because clocks and the library's tolerance differ by seconds. */
const marginMs = 60_000
const batch = 500
/** Between two batches everybody else is served. */
const pauseMs = 20

/**
 * Deletes what has expired, all of it on a timer: with less a busy server's store would grow for ever. In small batches, so
 * that no request waits long.
 */
export class Cleanup {
  readonly #store: IdpStore
  readonly #clock: Clock
  readonly #log: Logger
  readonly #events: EventsPart
  #end: (() => Promise<void>) | undefined

  constructor(options: { store: IdpStore; clock: Clock; log: Logger; events: EventsPart }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#log = options.log
    this.#events = options.events
  }

  start(): void {
    this.#end ??= repeat({
      everyMs,
      run: (stopped) => this.run(stopped),
      failed: (err) => this.#log.warn({ err }, 'clean-up of expired rows failed, it will be tried again'),
    })
  }

  /** Waits for a batch that is under way, so that the store is not closed under it. */
  async stop(): Promise<void> {
    await this.#end?.()
  }

  async run(stopped: AbortSignal = new AbortController().signal): Promise<void> {
    const before = this.#clock.now() - marginMs
    while (!stopped.aborted) {
      const deleted =
        (await this.#events.cleanUp()) +
        (await this.#deleteFrom('artifacts', before)) +
        (await this.#deleteClients(before)) +
        (await this.#deleteFrom('replays', before)) +
        (await this.#deleteFrom('successors', before))
      if (deleted === 0) return
      await sleep(pauseMs)
    }
  }

  /**
   * Registrations, and documents that nobody asked for any more; with them what people allowed such a client. What it was
   * given counts no longer (Clients.forProvider), and goes at its own time, but for the token by which it managed itself, which
   * has none.
   */
  async #deleteClients(before: number): Promise<number> {
    const expired = await this.#store.db
      .selectFrom('clients')
      .select('client_id')
      .where('expires_at', '<', before)
      .limit(batch)
      .execute()
    if (expired.length === 0) return 0
    const clientIds = expired.map((row) => row.client_id)
    await this.#store.db.transaction().execute(async (trx) => {
      // Looked at again: a document may have been read anew in this moment.
      const gone = await trx
        .deleteFrom('clients')
        .where('client_id', 'in', clientIds)
        .where('expires_at', '<', before)
        .returning('client_id')
        .execute()
      if (gone.length === 0) return
      const goneIds = gone.map((row) => row.client_id)
      await trx.deleteFrom('consents').where('client_id', 'in', goneIds).execute()
      await trx
        .deleteFrom('artifacts')
        .where('model', '=', 'RegistrationAccessToken')
        .where('client_id', 'in', goneIds)
        .execute()
    })
    return expired.length
  }

  async #deleteFrom(table: 'artifacts' | 'replays' | 'successors', before: number): Promise<number> {
    const expired = await this.#store.db
      .selectFrom(table)
      .select('id_hash')
      .where('expires_at', '<', before)
      .limit(batch)
      .execute()
    if (expired.length === 0) return 0
    await this.#store.db
      .deleteFrom(table)
      .where('id_hash', 'in', ids(expired))
      .where('expires_at', '<', before)
      .execute()
    return expired.length
  }
}

function ids(rows: readonly { readonly id_hash: string }[]): string[] {
  return rows.map((row) => row.id_hash)
}
