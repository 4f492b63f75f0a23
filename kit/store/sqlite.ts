import type {
  CompiledQuery as Compiled,
  DatabaseConnection,
  Dialect,
  QueryResult,
  SqliteDriver as Driver,
} from 'kysely'
import { CompiledQuery, SqliteDialect, SqliteDriver } from './kysely.ts'
import { parseDuration } from '../units.ts'
import { isStoreError, StoreError } from './errors.ts'
import { guardDialect } from './guarded.ts'
import { NodeSqliteDatabase } from './sqlite-database.ts'
import { sqliteBusy, translateSqliteError } from './sqlite-errors.ts'

const defaultTimeout = '5s'
const longestPauseMs = 20

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
  const database = new NodeSqliteDatabase(file, synchronous)
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

class ImmediateDialect extends SqliteDialect {
  readonly #database: NodeSqliteDatabase
  readonly #timeoutMs: number

  constructor(database: NodeSqliteDatabase, timeoutMs: number) {
    super({ database })
    this.#database = database
    this.#timeoutMs = timeoutMs
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#database, this.#timeoutMs)
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: NodeSqliteDatabase
  readonly #timeoutMs: number
  #patient: PatientConnection | undefined

  constructor(database: NodeSqliteDatabase, timeoutMs: number) {
    super({ database })
    this.#database = database
    this.#timeoutMs = timeoutMs
  }

  // `immediate` takes the write lock at the start: a deferred transaction that reads first and writes later
  // fails at once when another process wrote in between, however long it would wait.
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
    const { promise: tooLong, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, this.#timeoutMs, undefined)
    const connection = await Promise.race([turn, tooLong])
    clearTimeout(timer)
    if (connection === undefined) {
      void turn.then(() => this.releaseConnection())
      throw new StoreError('SQLITE_TURN_TIMEOUT')
    }
    this.#patient ??= new PatientConnection(connection, this.#database, this.#timeoutMs)
    return this.#patient
  }
}

/**
 * Waits for the lock of another connection between two tries, not inside SQLite: that would block the whole
 * process, and with it, when the other connection is in this process, the one that could give the lock back.
 */
class PatientConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection
  readonly #database: NodeSqliteDatabase
  readonly #timeoutMs: number

  constructor(inner: DatabaseConnection, database: NodeSqliteDatabase, timeoutMs: number) {
    this.#inner = inner
    this.#database = database
    this.#timeoutMs = timeoutMs
  }

  async executeQuery<R>(query: Compiled): Promise<QueryResult<R>> {
    const deadline = performance.now() + this.#timeoutMs
    for (;;) {
      try {
        return await this.#inner.executeQuery<R>(query)
      } catch (thrown) {
        const error = translateSqliteError(thrown)
        // Inside a transaction the lock is ours already.
        const mayWait = isStoreError(error) && error.code === sqliteBusy && !this.#database.inTransaction
        if (!mayWait || performance.now() > deadline) throw error
      }
      await pause(Math.random() * longestPauseMs)
    }
  }

  streamQuery<R>(query: Compiled, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
