import { DatabaseError } from 'pg'
import { QueryError, StoreError, UniqueViolation } from './errors.ts'

// SQLSTATE classes: 08 connection, 28 authorization, 3D no such database, 40 rolled back (deadlock,
// serialization), 53 resources, 55 not in state (lock timeout), 57 operator intervention (shutdown, timeout),
// 58 system error, XX internal. Appendix A of the PostgreSQL manual.
const lostClasses: ReadonlySet<string> = new Set(['08', '28', '3D', '40', '53', '55', '57', '58', 'XX'])
const uniqueViolation = '23505'
const readOnlyTransaction = '25006'
const idleInTransactionTimeout = '25P03'

// Sorted already, or a fault in what we passed in.
const ours = [StoreError, UniqueViolation, QueryError, TypeError, RangeError] as const

/**
 * Sorts what `pg` throws into the store's errors. Whatever the server did not say itself is a lost connection:
 * pg's own errors for that carry no code. Only messages of class 42 (names and syntax) are kept: others, and
 * `detail`, repeat values of the row.
 */
export function translatePostgresError(thrown: unknown): unknown {
  if (ours.some((type) => thrown instanceof type)) return thrown
  if (!(thrown instanceof DatabaseError)) return new StoreError(systemCode(thrown))
  const code = thrown.code ?? 'unknown'
  if (code === uniqueViolation) return new UniqueViolation()
  if (code === readOnlyTransaction || code === idleInTransactionTimeout) return new StoreError(code)
  if (lostClasses.has(code.slice(0, 2))) return new StoreError(code)
  const named = [thrown.table, thrown.column, thrown.constraint]
    .filter((name) => name !== undefined)
    .join(' ')
  return new QueryError(
    code,
    code.startsWith('42') ? thrown.message : `the store refused a query: ${code} ${named}`,
  )
}

function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : 'CONNECTION_LOST'
}
