import { createHash } from 'node:crypto'
import type { MasterKey } from '../secrets.ts'
import type { AuditTable } from './table.ts'

export type Entry = AuditTable['audit']
/** An entry that has no place in the chain yet. */
export type LooseEntry = Omit<Entry, 'seq' | 'hash'>

/** The end of the chain: how many entries there are, and the hash of the last one. */
export interface ChainHead {
  readonly count: number
  readonly hash: string
}

export const emptyChain: ChainHead = { count: 0, hash: '' }
const macContext = 'audit_head'

/** The hash of an entry that follows one with the hash `previous`. */
export function entryHash(previous: string, entry: Omit<Entry, 'hash'>): string {
  const { seq, at, action, actor, subject, txn, details } = entry
  const columns = [previous, seq, at, action, actor, subject, txn, details]
  return createHash('sha256').update(JSON.stringify(columns)).digest('base64url')
}

/** Gives an entry its place behind `head`. */
export function chainEntry(entry: LooseEntry, head: ChainHead): Entry {
  const placed = { ...entry, seq: head.count + 1 }
  return { ...placed, hash: entryHash(head.hash, placed) }
}

/** The proof that a holder of the master key put the end of the chain there. */
export function macOfHead({ count, hash }: ChainHead, masterKey: MasterKey): string {
  return masterKey.mac(JSON.stringify([count, hash]), macContext)
}

export function isHeadAuthentic(head: ChainHead & { readonly mac: string }, masterKey: MasterKey): boolean {
  return masterKey.verifyMac(head.mac, JSON.stringify([head.count, head.hash]), macContext)
}
