import { QueryError, StoreError, UniqueViolation } from './errors.ts'

// Extended result codes: https://sqlite.org/rescode.html
const uniqueCodes: ReadonlySet<number> = new Set([1555 /* PRIMARYKEY */, 2067 /* UNIQUE */, 2579 /* ROWID */])
// BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB
const lostCodes: ReadonlySet<number> = new Set([5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26])

/** The code of a StoreError when another connection holds the lock. */
export const sqliteBusy = 'SQLITE_5'

/** Sorts what `node:sqlite` throws into the store's errors. SQLite's messages name tables and columns, not values. */
export function translateSqliteError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown)) return thrown
  if (thrown.code === 'ERR_INVALID_STATE') return new StoreError('SQLITE_CLOSED')
  if (thrown.code !== 'ERR_SQLITE_ERROR' || !('errcode' in thrown)) return thrown
  const code = Number(thrown.errcode)
  if (uniqueCodes.has(code)) return new UniqueViolation()
  // The low byte is the primary code.
  if (lostCodes.has(code & 0xff)) return new StoreError(`SQLITE_${code}`)
  return new QueryError(`SQLITE_${code}`, thrown.message)
}
