import type { Kysely } from 'kysely'
import type { MasterKey } from '../secrets.ts'
import { emptyChain, entryHash, isHeadAuthentic, type ChainHead, type Entry } from './chain.ts'
import type { AuditTable } from './table.ts'

export type AuditVerdict =
  | { readonly ok: true; readonly count: number }
  /** `at` is the number of the first entry that is wrong. */
  | { readonly ok: false; readonly at: number; readonly reason: string }

const pageRows = 1_000

/** Reads a whole log, page by page, and compares it with its head record. */
export async function verifyChain(db: Kysely<AuditTable>, masterKey: MasterKey): Promise<AuditVerdict> {
  // In this order an entry that is appended meanwhile cannot look like one too many.
  const last = await lastSeq(db)
  const head = await db.selectFrom('audit_head').selectAll().executeTakeFirst()
  if (head === undefined) return last === 0 ? { ok: true, count: 0 } : wrong(1, 'the head record is missing')
  if (!isHeadAuthentic(head, masterKey)) return wrong(head.count, 'the head record was altered')
  if (last > head.count) return wrong(head.count + 1, 'there is an entry after the end')
  return verifyEntries(db, head)
}

async function verifyEntries(db: Kysely<AuditTable>, head: ChainHead): Promise<AuditVerdict> {
  let end = emptyChain
  while (end.count < head.count) {
    const entries = await pageAfter(db, end.count, head.count)
    if (entries.length === 0) return wrong(end.count + 1, 'the log was cut off')
    for (const entry of entries) {
      const seq = end.count + 1
      if (entry.seq !== seq) return wrong(seq, 'an entry is missing')
      if (entry.hash !== entryHash(end.hash, entry))
        return wrong(seq, 'an entry was altered, moved or replaced')
      end = { count: seq, hash: entry.hash }
    }
  }
  return end.hash === head.hash ? { ok: true, count: head.count } : wrong(head.count, 'the log was rewritten')
}

function pageAfter(db: Kysely<AuditTable>, after: number, upTo: number): Promise<Entry[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('seq', '>', after)
    .where('seq', '<=', upTo)
    .orderBy('seq')
    .limit(pageRows)
    .execute()
}

async function lastSeq(db: Kysely<AuditTable>): Promise<number> {
  const row = await db.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.seq ?? 0
}

function wrong(at: number, reason: string): AuditVerdict {
  return { ok: false, at, reason }
}
