/**
 * What queries fail with, the same on both databases; callers branch on the class (or the two predicates), never
 * on a message. Drivers' own errors never leave the store: PostgreSQL's carry the values of the row in `detail`.
 */

/** The store cannot be reached, is full, locked or broken: nothing was acknowledged. Answer 503 `store_unavailable`. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** SQLite's extended result code, an SQLSTATE or a system error code. */
  readonly code: string

  constructor(code: string) {
    super(`the store is not available (${code})`)
    this.code = code
  }
}

/** A row with this key exists already. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation'

  constructor() {
    super('a row with the same key exists')
  }
}

/** The query itself was refused: a fault of ours. `message` holds names of tables and columns, never values. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Whether the store was lost (503), as opposed to a fault in the query. */
export function isStoreError(thrown: unknown): thrown is StoreError {
  return thrown instanceof StoreError
}

/** Whether an INSERT or UPDATE met a row with the same unique key. */
export function isUniqueViolation(thrown: unknown): thrown is UniqueViolation {
  return thrown instanceof UniqueViolation
}
