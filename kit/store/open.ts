import type { Dialect, Kysely as KyselyOf } from 'kysely'
import { Kysely } from './kysely.ts'
import { StartError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { isStoreError } from './errors.ts'
import { migrate, type Migration } from './migrate.ts'
import { translateSqliteError } from './sqlite-errors.ts'
import { sqliteDialect } from './sqlite.ts'

export { isStoreError, isUniqueViolation, QueryError, StoreError, UniqueViolation } from './errors.ts'
export type { Migration } from './migrate.ts'

/**
 * An open database. Its columns are text, integer and bigint only (bytes as base64url text, truth as 0 and 1),
 * so that one schema and one set of queries serve both databases. Queries throw the errors of `errors.ts`.
 */
export interface Store<DB> {
  readonly db: KyselyOf<DB>
  readonly dialect: 'sqlite' | 'postgres'
  close(): Promise<void>
}

/**
 * Opens a database and brings its schema up to date.
 * @param options.url `sqlite:/path/file.sqlite`, `sqlite::memory:` or `postgres://user:password@host/database`.
 * @throws StartError when it cannot be opened or its schema is newer than the migrations given.
 */
export async function openStore<DB>(options: {
  readonly url: string
  readonly migrations: readonly Migration[]
  readonly log: Logger
}): Promise<Store<DB>> {
  const { url, migrations, log } = options
  const dialect = url.startsWith('sqlite:') ? 'sqlite' : 'postgres'
  const driver = await connect(url, dialect, log)
  const db = new Kysely<DB>({ dialect: driver })
  try {
    if (dialect === 'sqlite') await migrate(new Kysely({ dialect: driver }), dialect, migrations)
    else await migratePatiently(url, migrations, log)
    // `destroy` closes nothing on a Kysely object that never ran a query.
    await db.connection().execute(() => Promise.resolve())
  } catch (error) {
    await driver.createDriver().destroy()
    throw isStoreError(error) ? notAvailable(url, error.code) : error
  }
  return { db, dialect, close: () => db.destroy() }
}

/** Over a connection of its own, on which little is too long. */
async function migratePatiently(url: string, migrations: readonly Migration[], log: Logger): Promise<void> {
  const { forMigrations, postgresDialect } = await import('./postgres.ts')
  const db = new Kysely<unknown>({ dialect: postgresDialect(url, log, forMigrations) })
  try {
    await migrate(db, 'postgres', migrations)
  } finally {
    await db.destroy()
  }
}

async function connect(url: string, dialect: 'sqlite' | 'postgres', log: Logger): Promise<Dialect> {
  if (dialect === 'postgres' && !/^postgres(ql)?:\/\//.test(url)) {
    throw new StartError('a store must be sqlite:<file> or postgres://…', {
      hint: 'correct the store in gatehouse.yaml',
    })
  }
  try {
    if (dialect === 'sqlite') return sqliteDialect(url)
    // Only where it is used: a process on SQLite does not load the driver, and may be without it.
    const { postgresDialect } = await import('./postgres.ts')
    return postgresDialect(url, log)
  } catch (error) {
    const fault = translateSqliteError(error)
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unreadable URL'
    throw notAvailable(url, code)
  }
}

function notAvailable(url: string, code: string): StartError {
  return new StartError(`the store ${withoutPassword(url)} cannot be opened (${code})`, {
    hint: url.startsWith('sqlite:')
      ? 'check that the folder exists and is writable, that the file is a SQLite database and that the disk is not full'
      : 'check that PostgreSQL runs there, that the database exists and that user and password are right',
  })
}

function withoutPassword(url: string): string {
  if (url.startsWith('sqlite:')) return url
  if (!URL.canParse(url)) return 'postgres://…'
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}
