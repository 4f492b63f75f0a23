import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)
const kysely: typeof import('kysely') = load('kysely')

/**
 * Kysely's values; its types come from the package itself. As CommonJS, because the same 262 modules take Node 100 ms of
 * CPU as ES modules and 50 so, in each of five processes at each start.
 */
export const { CompiledQuery, Kysely, PostgresDialect, SqliteDialect, sql } = kysely
