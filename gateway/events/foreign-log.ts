import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import type { Kysely } from 'kysely'
import type { Revocation } from '../revocation/index.ts'
import type { EventTables } from './table.ts'

/** So many entries are read at once. */
export const entriesAtOnce = 10_000

export interface ForeignEntry {
  readonly transmitter: string
  readonly jti: string
  readonly receivedAt: number
  readonly revocations: readonly Revocation[]
}

/**
 * What foreign transmitters said. They tell each event once, to one of the gateways: it is kept for the others, and for
 * the next start, as long as a token from before it could live.
 */
export class ForeignLog {
  readonly #db: Kysely<EventTables>

  constructor(db: Kysely<EventTables>) {
    this.#db = db
  }

  /** @throws StoreError, and then the event must not be acknowledged */
  async add({ transmitter, jti, receivedAt, revocations }: ForeignEntry): Promise<void> {
    await this.#db
      .insertInto('foreign_events')
      .values({ transmitter, jti, received_at: receivedAt, revocations: JSON.stringify(revocations) })
      .onConflict((conflict) => conflict.columns(['transmitter', 'jti']).doNothing())
      .execute()
  }

  /** What came at `receivedAt` (milliseconds) or later, the oldest first, at most {@link entriesAtOnce}. */
  async since(receivedAt: number): Promise<readonly ForeignEntry[]> {
    const rows = await this.#db
      .selectFrom('foreign_events')
      .selectAll()
      .where('received_at', '>=', receivedAt)
      .orderBy('received_at')
      .limit(entriesAtOnce)
      .execute()
    return rows.map((row) => ({
      transmitter: row.transmitter,
      jti: row.jti,
      receivedAt: row.received_at,
      revocations: readRevocations(JSON.parse(row.revocations)),
    }))
  }

  async forget(before: number): Promise<void> {
    await this.#db.deleteFrom('foreign_events').where('received_at', '<', before).execute()
  }
}

function readRevocations(value: unknown): readonly Revocation[] {
  return Array.isArray(value) ? value.flatMap(readRevocation) : []
}

function readRevocation(value: unknown): readonly Revocation[] {
  if (!isRecord(value)) return []
  const { by, value: name, before } = value
  if (typeof name !== 'string') return []
  if (by === 'sid' || by === 'jti' || by === 'grant' || by === 'kid') return [{ by, value: name }]
  if ((by === 'sub' || by === 'client_id') && typeof before === 'number') return [{ by, value: name, before }]
  return []
}
