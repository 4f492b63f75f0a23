import type { Kysely, Transaction } from 'kysely'
import { sql } from './kysely.ts'
import { StartError } from '../errors.ts'

/** One step forward of a schema. There are no steps back: restore a backup instead. */
export interface Migration {
  /** 1, 2, 3, … in order. */
  readonly id: number
  readonly name: string
  up(db: Kysely<unknown>): Promise<void>
}

type MigrationTable = { schema_migrations: { id: number; name: string; applied_at: number } }

// Any fixed number does: it only has to be the same in every process that migrates this database.
const advisoryLock = 7_236_418_205

/**
 * Brings a schema up to date, all steps in one transaction under a lock, so that processes that start together
 * do not run into each other and a failing step leaves nothing behind.
 * @throws StartError when the schema is newer than this program, or is another part's.
 */
export async function migrate(
  db: Kysely<unknown>,
  dialect: 'sqlite' | 'postgres',
  migrations: readonly Migration[],
): Promise<void> {
  checkOrder(migrations)
  // On SQLite a transaction is `begin immediate`, which is the lock.
  await db.transaction().execute(async (trx) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${advisoryLock})`.execute(trx)
    await trx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute()
    const versions = trx.withTables<MigrationTable>()
    const applied = await versions
      .selectFrom('schema_migrations')
      .select(['id', 'name'])
      .orderBy('id')
      .execute()
    checkApplied(applied, migrations)
    for (const migration of migrations.slice(applied.length)) await apply(trx, migration)
  })
}

async function apply(trx: Transaction<unknown>, migration: Migration): Promise<void> {
  await migration.up(trx)
  const row = { id: migration.id, name: migration.name, applied_at: Date.now() }
  await trx.withTables<MigrationTable>().insertInto('schema_migrations').values(row).execute()
}

function checkOrder(migrations: readonly Migration[]): void {
  const wrong = migrations.find((migration, index) => migration.id !== index + 1)
  if (wrong !== undefined)
    throw new TypeError(`migration "${wrong.name}" must be numbered 1, 2, 3, … in order`)
}

function checkApplied(
  applied: readonly { id: number; name: string }[],
  migrations: readonly Migration[],
): void {
  applied.forEach((row, index) => {
    const known = migrations[index]
    if (known === undefined) {
      throw new StartError(
        `the database has schema version ${row.id}, this program knows ${migrations.length}`,
        {
          hint: 'start the newer version of the program that last used this database, or restore an older backup',
        },
      )
    }
    if (row.id !== known.id || row.name !== known.name) {
      throw new StartError(
        `the database holds the schema of something else (step ${row.id} is "${row.name}")`,
        {
          hint: 'give each part a store of its own',
        },
      )
    }
  })
}
