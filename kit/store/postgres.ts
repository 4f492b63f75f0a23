import { Socket } from 'node:net'
import type { Dialect, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { loadPostgresDialect } from './kysely.ts'
import { Pool, TypeOverrides, types, type PoolClient } from 'pg'
import type { Logger } from '../log.ts'
import { isStoreError } from './errors.ts'
import { guardDialect } from './guarded.ts'
import { translatePostgresError } from './postgres-errors.ts'

const connections = 10
const connectTimeoutMs = 5_000
const idleInTransactionMs = 10_000
const idleInPoolMs = 10_000

/** How long a statement may take, and how long a connection may say nothing. */
interface Patience {
  readonly statementMs: number
  readonly silenceMs: number
}

const forQueries: Patience = {
  statementMs: 10_000,
  // Longer than anything a living server leaves unanswered: a silent connection is a dead one.
  silenceMs: 15_000,
}

/** An index of a large table takes its time, and another process may be making it. */
export const forMigrations: Patience = { statementMs: 3_600_000, silenceMs: 3_605_000 }

/** PostgreSQL through `pg`, with a time limit on every wait; `bigint` and sums are read as numbers. */
export function postgresDialect(url: string, log: Logger, patience = forQueries): Dialect {
  const pool = new Pool({
    connectionString: url,
    application_name: 'gatehouse',
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleInPoolMs,
    statement_timeout: patience.statementMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    stream: () => mortalSocket(patience.silenceMs),
    types: numbersAsNumbers(),
  })
  // A connection that dies between two queries tells so by an event, which without a listener ends the process:
  // on the client, and while that is idle once more on the pool.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: translatePostgresError(error) }, 'store connection lost'))
  })
  pool.on('error', () => undefined)
  const discarding = {
    connect: async () => new DiscardingClient(await pool.connect()),
    end: () => pool.end(),
  }
  const PostgresDialect = loadPostgresDialect()
  return guardDialect(new PostgresDialect({ pool: discarding }), translatePostgresError)
}

/** A client that does not go back into the pool after its connection failed, where the next query would meet it. */
class DiscardingClient implements PostgresPoolClient {
  readonly #client: PoolClient
  #broken = false

  constructor(client: PoolClient) {
    this.#client = client
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  query(): never
  async query(sql?: string, parameters: readonly unknown[] = []): Promise<unknown> {
    // The second form, a cursor, is only asked for by a dialect that was given one.
    if (sql === undefined) throw new TypeError('rows are not streamed from PostgreSQL')
    try {
      return await this.#client.query(sql, parameters.map(storable))
    } catch (thrown) {
      const error = translatePostgresError(thrown)
      this.#broken ||= isStoreError(error)
      throw error
    }
  }

  release(): void {
    this.#client.release(this.#broken)
  }
}

// PostgreSQL's text knows no NUL and refuses the query, which would be a fault of ours: what somebody sends with one in it
// is not found, or kept with the sign that also stands for what is no Unicode.
function storable(parameter: unknown): unknown {
  return typeof parameter === 'string' ? parameter.replaceAll('\0', '\uFFFD') : parameter
}

// pg's own `query_timeout` gives the caller an error but leaves the stuck connection in use.
function mortalSocket(silenceMs: number): Socket {
  const socket = new Socket()
  socket.setTimeout(silenceMs, () => socket.destroy())
  return socket
}

function numbersAsNumbers(): TypeOverrides {
  const overrides = new TypeOverrides()
  overrides.setTypeParser(types.builtins.INT8, parseNumber)
  // What sum() of a bigint column is.
  overrides.setTypeParser(types.builtins.NUMERIC, parseNumber)
  return overrides
}

function parseNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError('the store holds an integer beyond 2^53')
  }
  return value
}
