import { randomBytes } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import { eventClaims, type EventClaims } from '@gatehouse/kit/events/claims'
import type { SecurityEvent } from '@gatehouse/kit/events/event'
import type { Kysely, Transaction } from 'kysely'
import type { EventTables } from './table.ts'

const headId = 1

export interface OutboxEvent {
  readonly seq: number
  readonly jti: string
  readonly at: number
  readonly claims: EventClaims
}

/**
 * Security events, written in the transaction of the change that they tell of: either both happened, or neither. From
 * here they are delivered at least once, in order.
 */
export class Outbox {
  readonly #db: Kysely<EventTables>
  readonly #clock: Clock
  readonly #issuer: string
  readonly #listeners = new Set<() => void>()

  constructor(options: { db: Kysely<EventTables>; clock: Clock; issuer: string }) {
    this.#db = options.db
    this.#clock = options.clock
    this.#issuer = options.issuer
  }

  /**
   * Writes an event. Make it the last statement of the transaction: it takes a lock that every other writer of events
   * waits for until the commit, which is what makes their order the order of commit, without gaps.
   * @throws StoreError, and then the change must fail with it
   */
  append(trx: Transaction<EventTables>, event: SecurityEvent): Promise<void> {
    return this.appendAll(trx, [event])
  }

  /** The same for several, in this order. */
  async appendAll(trx: Transaction<EventTables>, events: readonly SecurityEvent[]): Promise<void> {
    if (events.length === 0) return
    const last = await takeNumbers(trx, events.length)
    const at = this.#clock.now()
    const rows = events.map((event, index) => ({
      seq: last - events.length + 1 + index,
      jti: `evt_${randomBytes(16).toString('base64url')}`,
      at,
      claims: JSON.stringify(eventClaims(event, this.#issuer, at)),
    }))
    for (const row of rows) await trx.insertInto('events').values(row).execute()
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` when an event was written here and will be there once its transaction has committed. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The last `seq` that is committed; 0 before the first. */
  async last(): Promise<number> {
    const row = await this.#db.selectFrom('event_head').select('seq').executeTakeFirst()
    return row?.seq ?? 0
  }

  /** Events after `position`, the oldest first. */
  async after(position: number, limit: number): Promise<readonly OutboxEvent[]> {
    const rows = await this.#db
      .selectFrom('events')
      .selectAll()
      .where('seq', '>', position)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ ...row, claims: readClaims(row.claims) }))
  }

  /** The `seq` before the first event that happened at `since` (milliseconds) or later. */
  async positionBefore(since: number): Promise<number> {
    const row = await this.#db
      .selectFrom('events')
      .select((events) => events.fn.min('seq').as('seq'))
      .where('at', '>=', since)
      .executeTakeFirst()
    return row?.seq === undefined || row.seq === null ? this.last() : row.seq - 1
  }

  async seqOf(jtis: readonly string[]): Promise<readonly number[]> {
    if (jtis.length === 0) return []
    const rows = await this.#db.selectFrom('events').select('seq').where('jti', 'in', jtis).execute()
    return rows.map((row) => row.seq)
  }

  /** Forgets events from before `before` (milliseconds), at most `limit`. @returns how many went */
  async forget(before: number, limit: number): Promise<number> {
    const old = this.#db.selectFrom('events').select('seq').where('at', '<', before).limit(limit)
    const { numDeletedRows } = await this.#db.deleteFrom('events').where('seq', 'in', old).executeTakeFirst()
    return Number(numDeletedRows)
  }
}

/** Takes the next `count` numbers. @returns the last of them */
async function takeNumbers(trx: Transaction<EventTables>, count: number): Promise<number> {
  await trx
    .insertInto('event_head')
    .values({ id: headId, seq: 0 })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  const head = await trx
    .updateTable('event_head')
    .set((row) => ({ seq: row('seq', '+', count) }))
    .where('id', '=', headId)
    .returning('seq')
    .executeTakeFirstOrThrow()
  return head.seq
}

/** What was written above; another shape means that somebody else writes this table. */
function readClaims(json: string): EventClaims {
  const value: unknown = JSON.parse(json)
  if (isClaims(value)) return value
  throw new TypeError('an event in the outbox has no claims')
}

function isClaims(value: unknown): value is EventClaims {
  return typeof value === 'object' && value !== null && 'sub_id' in value && 'events' in value
}
