import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely'

/** Turns whatever a driver threw into one of the store's errors. */
export type TranslateError = (thrown: unknown) => unknown

/**
 * A dialect whose connections throw only the store's errors. It hands out one driver, however many `Kysely`
 * objects are made from it: migrations and queries share the connections, which `:memory:` needs.
 */
export function guardDialect(inner: Dialect, translate: TranslateError): Dialect {
  const driver = new GuardedDriver(inner.createDriver(), translate)
  return {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
  }
}

class GuardedDriver implements Driver {
  readonly #inner: Driver
  readonly #translate: TranslateError
  readonly #guards = new WeakMap<DatabaseConnection, GuardedConnection>()
  #started: Promise<void> | undefined

  constructor(inner: Driver, translate: TranslateError) {
    this.#inner = inner
    this.#translate = translate
  }

  init(): Promise<void> {
    this.#started ??= this.#inner.init()
    return this.#started
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await translated(this.#translate, () => this.#inner.acquireConnection())
    const known = this.#guards.get(connection)
    if (known !== undefined) return known
    const guarded = new GuardedConnection(connection, this.#translate)
    this.#guards.set(connection, guarded)
    return guarded
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return translated(this.#translate, () => this.#inner.beginTransaction(unguarded(connection), settings))
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return translated(this.#translate, () => this.#inner.commitTransaction(unguarded(connection)))
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return translated(this.#translate, () => this.#inner.rollbackTransaction(unguarded(connection)))
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']) {
    await this.#inner.savepoint?.(connection, name, compile)
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ) {
    await this.#inner.rollbackToSavepoint?.(connection, name, compile)
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ) {
    await this.#inner.releaseSavepoint?.(connection, name, compile)
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(unguarded(connection))
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }
}

class GuardedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection
  readonly #translate: TranslateError

  constructor(inner: DatabaseConnection, translate: TranslateError) {
    this.inner = inner
    this.#translate = translate
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return translated(this.#translate, () => this.inner.executeQuery<R>(query))
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    try {
      yield* this.inner.streamQuery<R>(query, chunkSize)
    } catch (error) {
      throw this.#translate(error)
    }
  }
}

/** The inner driver knows its own object only. */
function unguarded(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof GuardedConnection ? connection.inner : connection
}

async function translated<T>(translate: TranslateError, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw translate(error)
  }
}
