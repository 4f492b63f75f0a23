import type { Transaction } from 'kysely'
import {
  chainEntry,
  emptyChain,
  isHeadAuthentic,
  macOfHead,
  type ChainHead,
  type LooseEntry,
} from './audit/chain.ts'
import type { AuditTable } from './audit/table.ts'
import { verifyChain, type AuditVerdict } from './audit/verify.ts'
import type { Clock } from './clock.ts'
import type { MasterKey } from './secrets.ts'
import { StoreError } from './store/errors.ts'
import type { Store } from './store/open.ts'

export { auditMigration, type AuditTable } from './audit/table.ts'
export type { AuditVerdict } from './audit/verify.ts'

/** What happened, for the record: no secret belongs into any member. */
export interface AuditEvent {
  readonly action: string
  readonly actor: string
  readonly subject?: string | undefined
  readonly txn?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** The end of the log was altered: appending to it would make that look right. */
export class AuditTampered extends Error {
  override readonly name = 'AuditTampered'
}

interface Waiting {
  readonly entry: LooseEntry
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const headId = 1
const batchEntries = 100
const maxWaiting = 20_000
const maxText = 1_024

/**
 * A log that shows what was done to it: each entry's hash covers the entry before (a changed, missing, added or
 * moved one breaks the chain), and a head record, under a MAC of the master key, says where the chain ends (a
 * shortened or rewritten one does not fit it).
 *
 * What it cannot show by itself: that entries and head were put back together to an earlier state, as restoring a
 * backup does. Count and hash of `head()`, kept elsewhere, show that too.
 */
export class Audit {
  readonly #store: Store<AuditTable>
  readonly #clock: Clock
  readonly #masterKey: MasterKey
  #waiting: Waiting[] = []
  #writing = false

  constructor(store: Store<AuditTable>, clock: Clock, masterKey: MasterKey) {
    this.#store = store
    this.#clock = clock
    this.#masterKey = masterKey
  }

  /**
   * Appends an entry; resolves when it is stored. Entries that arrive while others are being written share one
   * transaction.
   * @throws StoreError when the store is lost or falls behind, AuditTampered when the log's end was altered.
   */
  async append(event: AuditEvent): Promise<void> {
    if (this.#waiting.length >= maxWaiting) throw new StoreError('AUDIT_BACKLOG')
    const entry = looseEntry(event, this.#clock.now())
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ entry, resolve, reject })
    if (!this.#writing) void this.#write()
    return promise
  }

  /**
   * Appends an entry in the transaction of the change that it tells of: either both are there, or neither. Make it the
   * last statement: on PostgreSQL every other writer of the log waits for the commit from here on.
   * @throws StoreError or AuditTampered, and then the change must fail with it.
   */
  async appendIn(trx: Transaction<AuditTable>, event: AuditEvent): Promise<void> {
    await this.#insert(trx, [looseEntry(event, this.#clock.now())])
  }

  /** The end of the log, to be kept elsewhere. */
  async head(): Promise<ChainHead> {
    const head = await this.#store.db.selectFrom('audit_head').select(['count', 'hash']).executeTakeFirst()
    return head ?? emptyChain
  }

  /** Reads the whole log. Entries may be appended meanwhile. */
  verify(): Promise<AuditVerdict> {
    return verifyChain(this.#store.db, this.#masterKey)
  }

  async #write(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchEntries)
      try {
        await this.#writeBatch(batch.map(({ entry }) => entry))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#writing = false
  }

  #writeBatch(entries: readonly LooseEntry[]): Promise<void> {
    return this.#store.db.transaction().execute((trx) => this.#insert(trx, entries))
  }

  async #insert(trx: Transaction<AuditTable>, entries: readonly LooseEntry[]): Promise<void> {
    let head = await this.#lockHead(trx)
    const rows = entries.map((entry) => {
      const row = chainEntry(entry, head)
      head = { count: row.seq, hash: row.hash }
      return row
    })
    await trx.insertInto('audit').values(rows).execute()
    const moved = { count: head.count, hash: head.hash, mac: macOfHead(head, this.#masterKey) }
    await trx.updateTable('audit_head').set(moved).where('id', '=', headId).execute()
  }

  // Two processes that append at once must not continue from the same entry. A transaction on SQLite holds the
  // write lock from its start; on PostgreSQL the head row is the lock.
  async #lockHead(trx: Transaction<AuditTable>): Promise<ChainHead> {
    const first = { id: headId, ...emptyChain, mac: macOfHead(emptyChain, this.#masterKey) }
    await trx
      .insertInto('audit_head')
      .values(first)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const query = trx.selectFrom('audit_head').selectAll().where('id', '=', headId)
    const head = await (
      this.#store.dialect === 'postgres' ? query.forUpdate() : query
    ).executeTakeFirstOrThrow()
    if (!isHeadAuthentic(head, this.#masterKey))
      throw new AuditTampered('the head of the audit log was altered')
    return head
  }
}

// Details are turned into text here, so that one that cannot be fails alone and not with its batch.
function looseEntry(event: AuditEvent, at: number): LooseEntry {
  return {
    at,
    action: storable(event.action),
    actor: storable(event.actor),
    subject: event.subject === undefined ? null : storable(event.subject),
    txn: event.txn === undefined ? null : storable(event.txn),
    details: event.details === undefined ? null : JSON.stringify(event.details),
  }
}

// Both databases replace lone surrogates, after which the hash would not fit, and PostgreSQL refuses NUL.
function storable(text: string): string {
  return text.slice(0, maxText).toWellFormed().replaceAll('\0', '\uFFFD')
}
