import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { CompiledQuery, QueryResult, SqliteDatabase, SqliteStatement } from 'kysely'

// Some are kept for each number of rows that they may be about: see by-size.ts.
const cachedStatements = 500
// While opening only: the switch to WAL must wait for another process that opens the file at the same time.
const openTimeoutMs = 5_000

/** A `node:sqlite` database in the shape that Kysely's SQLite dialect wants, with a bounded cache of statements. */
export class NodeSqliteDatabase implements SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, NodeSqliteStatement>()

  /** @throws the driver's error when the file cannot be opened or is not a database. */
  constructor(file: string, synchronous: 'full' | 'normal') {
    if (file !== ':memory:') keepFromOthers(file)
    this.#database = new DatabaseSync(file, { timeout: openTimeoutMs })
    try {
      this.#database.exec(
        `pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma foreign_keys = on`,
      )
      // From here on whoever meets a lock waits without blocking the process: see PatientConnection.
      this.#database.exec('pragma busy_timeout = 0')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  execute<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const statement = this.prepare(sql)
    if (statement.reader) return { rows: statement.all<R>(parameters) }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  prepare(sql: string): NodeSqliteStatement {
    const statement = this.#statements.get(sql) ?? new NodeSqliteStatement(this.#database.prepare(sql))
    // Moved to the end at each use: what is first was not used for the longest time.
    this.#statements.delete(sql)
    this.#statements.set(sql, statement)
    const oldest = this.#statements.keys().next()
    if (this.#statements.size > cachedStatements && oldest.done !== true)
      this.#statements.delete(oldest.value)
    return statement
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }
}

/** The file holds personal data: nobody else on the machine reads it. WAL and shm files that are made take over its mode. */
function keepFromOthers(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  // One that was put back from a backup has the mode that the copy had.
  for (const end of ['', '-wal', '-shm']) closeToOthers(`${file}${end}`)
}

function closeToOthers(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  if ((mode & 0o007) === 0) return
  try {
    chmodSync(file, mode & 0o770)
  } catch {
    // Somebody else's, who may mean it so.
  }
}

class NodeSqliteStatement implements SqliteStatement {
  readonly reader: boolean
  readonly #statement: StatementSync

  constructor(statement: StatementSync) {
    this.#statement = statement
    this.reader = statement.columns().length > 0
  }

  all<R>(parameters: readonly unknown[]): R[]
  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...parameters.map(bindable))
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...parameters.map(bindable))
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...parameters.map(bindable))
  }
}

function bindable(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  throw new TypeError(`columns hold text and numbers, not ${typeof value}`)
}
