import type { Kysely } from 'kysely'
import type { EventTables } from './table.ts'

/** How far a transmitter has been heard, kept over restarts. */
export class Position {
  readonly #db: Kysely<EventTables>
  readonly #transmitter: string
  #written = 0

  constructor(db: Kysely<EventTables>, transmitter: string) {
    this.#db = db
    this.#transmitter = transmitter
  }

  /** Undefined before the first event was heard. */
  async read(): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('event_positions')
      .select('heard_until')
      .where('transmitter', '=', this.#transmitter)
      .executeTakeFirst()
    return row?.heard_until
  }

  /** Moves it on, never back, and not more often than `everyMs`: what is read again does no harm. */
  async advance(until: number, everyMs: number): Promise<void> {
    if (until - this.#written < everyMs) return
    const row = { transmitter: this.#transmitter, heard_until: until }
    await this.#db
      .insertInto('event_positions')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .column('transmitter')
          .doUpdateSet({ heard_until: until })
          .where('event_positions.heard_until', '<', until),
      )
      .execute()
    this.#written = until
  }
}
