import { auditMigration } from '@gatehouse/kit/audit'
import { keyRingMigration } from '@gatehouse/kit/keys/ring'
import { sql } from '@gatehouse/kit/store/kysely'
import type { Migration } from '@gatehouse/kit/store/open'
import { isRecord } from '@gatehouse/kit/tokens/strict-json'
import type { Kysely } from 'kysely'
import { eventsMigration } from '../events/table.ts'

/** Forward only, never edited once released: a change of the schema is a new entry. */
export const idpMigrations: readonly Migration[] = [
  { id: 1, name: 'accounts and clients', up: createPrincipals },
  { id: 2, name: 'artifacts of the provider', up: createArtifacts },
  { id: 3, name: 'remembered consents', up: createConsents },
  auditMigration(4),
  keyRingMigration(5),
  eventsMigration(6),
  { id: 7, name: 'successors of refresh tokens', up: createSuccessors },
  { id: 8, name: 'pairwise subjects', up: createPairwise },
  { id: 9, name: 'claims of accounts', up: addClaims },
  { id: 10, name: 'expiry of clients', up: addClientExpiry },
  { id: 11, name: 'pairwise subjects of accounts', up: indexPairwise },
  { id: 12, name: 'names of grants', up: indexGrantNames },
]

async function createPrincipals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email_sealed', 'text')
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('clients')
    .addColumn('client_id', 'text', (column) => column.primaryKey())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addColumn('secret_mac', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()
}

async function createArtifacts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('artifacts')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('id_hash', 'text', (column) => column.notNull())
    .addColumn('payload_sealed', 'text', (column) => column.notNull())
    .addColumn('grant_hash', 'text')
    .addColumn('uid_hash', 'text')
    .addColumn('user_code_hash', 'text')
    .addColumn('account_id', 'text')
    .addColumn('client_id', 'text')
    .addColumn('consumed_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('artifacts_pk', ['model', 'id_hash'])
    .execute()
  for (const column of ['grant_hash', 'uid_hash', 'user_code_hash', 'account_id', 'expires_at']) {
    await db.schema.createIndex(`artifacts_${column}`).on('artifacts').column(column).execute()
  }
  await db.schema
    .createTable('replays')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('replays_expires_at').on('replays').column('expires_at').execute()
}

async function createConsents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('consents')
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('openid_scope', 'text', (column) => column.notNull())
    .addColumn('resource_scopes', 'text', (column) => column.notNull())
    .addColumn('granted_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('consents_pk', ['account_id', 'client_id'])
    .execute()
}

async function createSuccessors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('successors')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('successor_sealed', 'text')
    .addColumn('answered_at', 'bigint')
    .addColumn('contested', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('successors_expires_at').on('successors').column('expires_at').execute()
}

async function createPairwise(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pairwise_subjects')
    .addColumn('sector', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull().unique())
    .addPrimaryKeyConstraint('pairwise_subjects_pk', ['sector', 'account_id'])
    .execute()
}

async function addClaims(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('accounts').addColumn('claims_sealed', 'text').execute()
}

/** It was in the metadata only, where nobody finds what has expired. */
async function addClientExpiry(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('clients').addColumn('expires_at', 'bigint').execute()
  await db.schema.createIndex('clients_expires_at').on('clients').column('expires_at').execute()
  await db.schema.createIndex('consents_client_id').on('consents').column('client_id').execute()
  const { rows } = await sql<{ client_id: string; metadata: string }>`
    select client_id, metadata from clients where metadata like '%"expires_at"%'`.execute(db)
  for (const { client_id, metadata } of rows) {
    const record: unknown = JSON.parse(metadata)
    const expires_at = isRecord(record) ? record['expires_at'] : undefined
    if (typeof expires_at !== 'number') continue
    await sql`update clients set expires_at = ${expires_at} where client_id = ${client_id}`.execute(db)
  }
}

/** Whatever is said of a person is said of each name. */
async function indexPairwise(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('pairwise_subjects_account_id')
    .on('pairwise_subjects')
    .column('account_id')
    .execute()
}

/** By what access tokens call them (grant-named.ts): introspection and exchange look there. */
async function indexGrantNames(db: Kysely<unknown>): Promise<void> {
  await sql`create index artifacts_grant_name on artifacts (substr(id_hash, 1, 21)) where model = 'Grant'`.execute(
    db,
  )
}
