import { closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Dialect,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely'
import { parseDuration } from '../units.ts'
import { StoreError } from './errors.ts'
import { guardDialect } from './guarded.ts'
import { translateSqliteError } from './sqlite-errors.ts'

const defaultTimeout = '5s'
const cachedStatements = 200

/**
 * SQLite through `node:sqlite`: one connection, which queries and transactions take in turn.
 *
 * WAL with `synchronous = FULL`: what was acknowledged survives a power cut, which `NORMAL` does not promise in
 * WAL mode (a killed process loses nothing in either). `sqlite:<file>?synchronous=normal` trades that for speed;
 * `&timeout=2s` says how long to wait for the lock of another process, and for one's turn in this one (default 5 s).
 * @throws the driver's error when the file cannot be opened or is not a database.
 */
export function sqliteDialect(url: string): Dialect {
  const { file, synchronous, timeoutMs } = readUrl(url)
  const database = new NodeSqliteDatabase(file, timeoutMs)
  try {
    database.exec('pragma journal_mode = wal')
    database.exec(`pragma synchronous = ${synchronous}`)
    database.exec('pragma foreign_keys = on')
  } catch (error) {
    database.close()
    throw error
  }
  return guardDialect(new ImmediateDialect(database, timeoutMs), translateSqliteError)
}

function readUrl(url: string): { file: string; synchronous: 'full' | 'normal'; timeoutMs: number } {
  const [file = '', query = ''] = url.slice('sqlite:'.length).split('?')
  const options = new URLSearchParams(query)
  const synchronous = options.get('synchronous') ?? 'full'
  const timeoutMs = parseDuration(options.get('timeout') ?? defaultTimeout)
  if (file === '' || (synchronous !== 'full' && synchronous !== 'normal')) {
    throw new TypeError('a SQLite store is written sqlite:<file>?synchronous=full|normal')
  }
  return { file, synchronous, timeoutMs }
}

class NodeSqliteDatabase implements SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, NodeSqliteStatement>()

  constructor(file: string, timeoutMs: number) {
    // The file holds personal data: nobody else on the machine reads it. WAL and shm files take over the mode.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
    this.#database = new DatabaseSync(file, { timeout: timeoutMs })
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  prepare(sql: string): SqliteStatement {
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

class NodeSqliteStatement implements SqliteStatement {
  readonly reader: boolean
  readonly #statement: StatementSync

  constructor(statement: StatementSync) {
    this.#statement = statement
    this.reader = statement.columns().length > 0
  }

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

class ImmediateDialect extends SqliteDialect {
  readonly #database: NodeSqliteDatabase
  readonly #turnTimeoutMs: number

  constructor(database: NodeSqliteDatabase, turnTimeoutMs: number) {
    super({ database })
    this.#database = database
    this.#turnTimeoutMs = turnTimeoutMs
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#database, this.#turnTimeoutMs)
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: NodeSqliteDatabase
  readonly #turnTimeoutMs: number

  constructor(database: NodeSqliteDatabase, turnTimeoutMs: number) {
    super({ database })
    this.#database = database
    this.#turnTimeoutMs = turnTimeoutMs
  }

  // `immediate` takes the write lock at the start: a deferred transaction that reads first and writes later
  // fails at once when another process wrote in between, whatever the busy timeout.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  // A full disk or a read error rolls back by itself; a second rollback would hide that error behind its own.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection)
  }

  // Without a limit, a query made beside an open transaction from inside it would wait for itself for ever.
  override async acquireConnection(): Promise<DatabaseConnection> {
    const turn = super.acquireConnection()
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#turnTimeoutMs, undefined)
    })
    try {
      const connection = await Promise.race([turn, tooLong])
      if (connection !== undefined) return connection
      void turn.then(() => this.releaseConnection())
      throw new StoreError('SQLITE_TURN_TIMEOUT')
    } finally {
      clearTimeout(timer)
    }
  }
}
