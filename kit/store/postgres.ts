import { Socket } from 'node:net'
import { PostgresDialect, type Dialect } from 'kysely'
import { Pool, TypeOverrides, types } from 'pg'
import type { Logger } from '../log.ts'
import { guardDialect } from './guarded.ts'
import { translatePostgresError } from './postgres-errors.ts'

const connections = 10
const connectTimeoutMs = 5_000
const statementTimeoutMs = 10_000
const idleInTransactionMs = 10_000
const idleInPoolMs = 10_000
// Longer than anything a living server leaves unanswered: a silent connection is a dead one.
const silenceMs = 15_000

/** PostgreSQL through `pg`, with a time limit on every wait; `bigint` and sums are read as numbers. */
export function postgresDialect(url: string, log: Logger): Dialect {
  const pool = new Pool({
    connectionString: url,
    application_name: 'gatehouse',
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleInPoolMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    stream: mortalSocket,
    types: numbersAsNumbers(),
  })
  // Without a listener a connection that dies while idle would end the process.
  pool.on('error', (error) => log.warn({ err: translatePostgresError(error) }, 'idle store connection lost'))
  return guardDialect(new PostgresDialect({ pool }), translatePostgresError)
}

// pg's own `query_timeout` gives the caller an error but puts the stuck connection back into the pool.
function mortalSocket(): Socket {
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
