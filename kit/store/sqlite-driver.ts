import type { CompiledQuery as Compiled, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { isStoreError, StoreError } from './errors.ts'
import { CompiledQuery } from './kysely.ts'
import { Line } from './line.ts'
import type { NodeSqliteDatabase } from './sqlite-database.ts'
import { sqliteBusy, translateSqliteError } from './sqlite-errors.ts'

// `immediate` takes the write lock at the start: a deferred transaction that reads first and writes later
// fails at once when another process wrote in between, however long it would wait.
const begin = CompiledQuery.raw('begin immediate')
const commit = CompiledQuery.raw('commit')
const longestPauseMs = 20
const changing: ReadonlySet<string> = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'])

/**
 * One SQLite connection for everybody in this process. Transactions take it in turn. Reads need no turn, unless a
 * transaction is open. Single changes that arrive within one turn of the event loop are committed together, each answered
 * after the commit: one `fsync` for all of them.
 */
export class SharedDriver implements Driver {
  readonly #database: NodeSqliteDatabase
  readonly #timeoutMs: number
  readonly #line: Line
  #changes: Change[] = []

  /** @param timeoutMs how long to wait for one's turn here, and for the lock of another process */
  constructor(database: NodeSqliteDatabase, timeoutMs: number) {
    this.#database = database
    this.#timeoutMs = timeoutMs
    // Without a limit, a query made beside an open transaction from inside it would wait for itself for ever.
    this.#line = new Line(timeoutMs, () => new StoreError('SQLITE_TURN_TIMEOUT'))
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SharedConnection(this)
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof SharedConnection && connection.hasTurn) {
      connection.hasTurn = false
      this.#line.leave()
    }
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    if (!(connection instanceof SharedConnection)) throw new TypeError('not a connection of this driver')
    await this.#line.enter()
    connection.hasTurn = true
    await this.#patiently(() => this.run(begin))
  }

  async commitTransaction(): Promise<void> {
    this.run(commit)
  }

  // A full disk or a read error rolls back by itself; a second rollback would hide that error behind its own.
  async rollbackTransaction(): Promise<void> {
    this.#rollBack()
  }

  async destroy(): Promise<void> {
    this.#database.close()
  }

  /** Runs it now, inside whatever transaction is open. */
  run<R>(query: Compiled): QueryResult<R> {
    return this.#database.execute<R>(query)
  }

  /** Runs a statement that is a transaction by itself. */
  async runAlone<R>(query: Compiled): Promise<QueryResult<R>> {
    if (changing.has(query.query.kind)) return this.#change(query)
    if (!this.#database.inTransaction) return this.#patiently(() => this.run<R>(query))
    await this.#line.enter()
    try {
      return await this.#patiently(() => this.run<R>(query))
    } finally {
      this.#line.leave()
    }
  }

  #change<R>(query: Compiled): Promise<QueryResult<R>> {
    return new Promise((resolve, reject) => {
      const run = (): (() => void) => {
        const result = this.run<R>(query)
        return () => resolve(result)
      }
      this.#changes.push({ run, reject })
      if (this.#changes.length === 1) setImmediate(() => void this.#commitChanges())
    })
  }

  async #commitChanges(): Promise<void> {
    try {
      await this.#line.enter()
    } catch (error) {
      for (const { reject } of this.#changes.splice(0)) reject(error)
      return
    }
    // Those that came while this waited go along.
    const changes = this.#changes.splice(0)
    try {
      const answers = await this.#patiently(() => this.#commitTogether(changes))
      for (const answer of answers) answer()
    } catch (error) {
      for (const { reject } of changes) reject(error)
    } finally {
      this.#line.leave()
    }
  }

  /** Nothing happened if it throws. @returns what tells the callers how theirs went */
  #commitTogether(changes: readonly Change[]): readonly (() => void)[] {
    const [only, ...others] = changes
    if (only !== undefined && others.length === 0) return [only.run()]
    this.run(begin)
    try {
      const answers = changes.map((change) => this.#runAmongOthers(change))
      this.run(commit)
      return answers
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** A change that is refused leaves the others as they are; one that ends the transaction (full disk) ends all. */
  #runAmongOthers({ run, reject }: Change): () => void {
    try {
      return run()
    } catch (error) {
      if (!this.#database.inTransaction) throw error
      return () => reject(error)
    }
  }

  #rollBack(): void {
    if (this.#database.inTransaction) this.run(CompiledQuery.raw('rollback'))
  }

  /**
   * Waits for the lock of another connection between two tries, not inside SQLite: that would block the whole
   * process, and with it, when the other connection is in this process, the one that could give the lock back.
   */
  async #patiently<T>(run: () => T): Promise<T> {
    const deadline = performance.now() + this.#timeoutMs
    for (;;) {
      try {
        return run()
      } catch (thrown) {
        const error = translateSqliteError(thrown)
        // Inside a transaction the lock is ours already.
        const mayWait = isStoreError(error) && error.code === sqliteBusy && !this.#database.inTransaction
        if (!mayWait || performance.now() > deadline) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * longestPauseMs))
    }
  }
}

interface Change {
  /** @returns what tells its caller so, once it is committed */
  readonly run: () => () => void
  readonly reject: (error: unknown) => void
}

class SharedConnection implements DatabaseConnection {
  readonly #driver: SharedDriver
  /** In a transaction. */
  hasTurn = false

  constructor(driver: SharedDriver) {
    this.#driver = driver
  }

  async executeQuery<R>(query: Compiled): Promise<QueryResult<R>> {
    return this.hasTurn ? this.#driver.run<R>(query) : this.#driver.runAlone<R>(query)
  }

  streamQuery(): never {
    throw new TypeError('rows are not streamed from SQLite')
  }
}
