import { hash } from 'node:crypto'
import { Problem } from '@gatehouse/kit/errors'
import type { AccountTable, ClientTable } from '../storage/tables.ts'

type Row = AccountTable | ClientTable

/**
 * A strong validator (RFC 9110 section 8.8.3) of all that there is of an account or a client, also of what is not shown: two
 * changes in one millisecond may look alike.
 */
export function etagOf(row: Row): string {
  const columns = JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return `"${hash('sha256', columns, 'base64url').slice(0, 22)}"`
}

/** @throws Problem `precondition_failed` when somebody has seen another state (RFC 9110 section 13.1.1) */
export function requireMatch(ifMatch: string | undefined, row: Row): void {
  if (ifMatch === undefined || ifMatch === '*') return
  const wanted = ifMatch.split(',').map((tag) => tag.trim())
  if (!wanted.includes(etagOf(row))) throw new Problem('precondition_failed')
}
