import type { Clock } from '@gatehouse/kit/clock'
import type { Kysely } from 'kysely'
import type { Outbox, OutboxEvent } from './outbox.ts'
import type { EventTables } from './table.ts'

/** Events that were acknowledged ahead of an earlier one that was not. More than this are delivered again. */
const maxBeyond = 1000

/** A receiver's stream: its `client_id`, and a name that the receiver chose. */
export interface StreamName {
  readonly receiver: string
  readonly stream: string
}

interface Progress {
  readonly position: number
  readonly beyond: readonly number[]
}

/** How far each stream has come. An event stays outstanding until it is acknowledged, or refused by `setErrs`. */
export class Streams {
  readonly #db: Kysely<EventTables>
  readonly #outbox: Outbox
  readonly #clock: Clock

  constructor(options: { db: Kysely<EventTables>; outbox: Outbox; clock: Clock }) {
    this.#db = options.db
    this.#outbox = options.outbox
    this.#clock = options.clock
  }

  /**
   * Makes sure that a stream is there. A new one begins with what happened at `since` (milliseconds) or later, or now.
   */
  async open(name: StreamName, since: number | undefined): Promise<void> {
    if ((await this.#find(name)) !== undefined) return this.#touch(name)
    const position =
      since === undefined ? await this.#outbox.last() : await this.#outbox.positionBefore(since)
    await this.#db
      .insertInto('event_streams')
      .values({ ...name, position, beyond: '[]', updated_at: this.#clock.now() })
      .onConflict((conflict) => conflict.columns(['receiver', 'stream']).doNothing())
      .execute()
  }

  /** Takes note of events that need not be delivered again. Unknown ids are passed over (RFC 8936 section 2.4). */
  async settle(name: StreamName, jtis: readonly string[]): Promise<void> {
    const settled = await this.#outbox.seqOf(jtis)
    if (settled.length === 0) return
    const before = await this.#find(name)
    if (before === undefined) return
    const done = new Set([...before.beyond, ...settled.filter((seq) => seq > before.position)])
    const { position, beyond } = advance(
      before.position,
      done,
      await this.#outstandingFrom(before, done.size),
    )
    await this.#db
      .updateTable('event_streams')
      .set({ position, beyond: JSON.stringify(beyond.slice(0, maxBeyond)), updated_at: this.#clock.now() })
      .where((row) => row.and({ ...name, position: before.position }))
      .execute()
  }

  /** The oldest outstanding events, at most `limit`, and whether there are more. */
  async outstanding(
    name: StreamName,
    limit: number,
  ): Promise<{ readonly events: readonly OutboxEvent[]; readonly more: boolean }> {
    const progress = await this.#find(name)
    if (progress === undefined) return { events: [], more: false }
    const done = new Set(progress.beyond)
    const found = await this.#outbox.after(progress.position, limit + done.size + 1)
    const events = found.filter(({ seq }) => !done.has(seq))
    return { events: events.slice(0, limit), more: events.length > limit }
  }

  /** Forgets streams that nobody polled since `before` (milliseconds). */
  async forget(before: number): Promise<void> {
    await this.#db.deleteFrom('event_streams').where('updated_at', '<', before).execute()
  }

  async #find(name: StreamName): Promise<Progress | undefined> {
    const row = await this.#db
      .selectFrom('event_streams')
      .select(['position', 'beyond'])
      .where((stream) => stream.and({ ...name }))
      .executeTakeFirst()
    return row === undefined ? undefined : { position: row.position, beyond: numbers(JSON.parse(row.beyond)) }
  }

  async #outstandingFrom({ position }: Progress, count: number): Promise<readonly number[]> {
    return (await this.#outbox.after(position, count + 1)).map(({ seq }) => seq)
  }

  async #touch(name: StreamName): Promise<void> {
    await this.#db
      .updateTable('event_streams')
      .set({ updated_at: this.#clock.now() })
      .where((row) => row.and({ ...name }))
      .execute()
  }
}

/** Moves the position over everything that is done, in order; by what is there, because old events are forgotten. */
function advance(from: number, done: ReadonlySet<number>, present: readonly number[]): Progress {
  let position = from
  for (const seq of present) {
    if (!done.has(seq)) break
    position = seq
  }
  return { position, beyond: [...done].filter((seq) => seq > position).toSorted((a, b) => a - b) }
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'number') : []
}
