import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const load = createRequire(import.meta.url)
const folder = dirname(load.resolve('kysely'))

/*
 * Kysely's values; its types come from the package itself. As CommonJS, because the same modules take Node 100 ms of
 * CPU as ES modules and 50 so, in each of five processes at each start; and only those that are used, 210 of 262, which its
 * index would load all. What is loaded here is not what Kysely documents; its version is exact, and test/kit/kysely.test.ts
 * holds the two to be the same.
 */
const main: Pick<typeof import('kysely'), 'Kysely'> = load(join(folder, 'kysely.js'))
const sqlite: Pick<typeof import('kysely'), 'SqliteDialect'> = load(
  join(folder, 'dialect/sqlite/sqlite-dialect.js'),
)
const raw: Pick<typeof import('kysely'), 'sql'> = load(join(folder, 'raw-builder/sql.js'))
const compiled: Pick<typeof import('kysely'), 'CompiledQuery'> = load(
  join(folder, 'query-compiler/compiled-query.js'),
)

export const { Kysely } = main
export const { SqliteDialect } = sqlite
export const { sql } = raw
export const { CompiledQuery } = compiled

/** For those alone who have PostgreSQL. */
export function loadPostgresDialect(): typeof import('kysely').PostgresDialect {
  const postgres: Pick<typeof import('kysely'), 'PostgresDialect'> = load(
    join(folder, 'dialect/postgres/postgres-dialect.js'),
  )
  return postgres.PostgresDialect
}
