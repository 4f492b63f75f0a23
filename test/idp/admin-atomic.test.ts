import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { adminRoutes } from '../../idp/admin/routes.ts'
import type { IdpStore } from '../../idp/storage/tables.ts'
import { startPlatform } from '../harness/index.ts'
import { listField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { changesOf } from './admin-table.ts'
import { Admin } from './admin.ts'
import { newTokens } from './native.ts'
import { withStore } from './registered.ts'

/** Everything that an administrator can change, and what is told of it. */
const tables = [
  'clients',
  'accounts',
  'artifacts',
  'consents',
  'signing_keys',
  'events',
  'event_head',
] as const

async function everything({ db }: IdpStore): Promise<string> {
  const found: string[][] = []
  for (const table of tables) {
    const rows = await db.selectFrom(table).selectAll().execute()
    found.push(rows.map((row) => JSON.stringify(row)).toSorted())
  }
  return JSON.stringify(found)
}

/** A log that cannot be written to, for as long as `work` takes. */
async function withoutLog<T>({ db }: IdpStore, work: () => Promise<T>): Promise<T> {
  await sql`alter table audit rename to audit_away`.execute(db)
  try {
    return await work()
  } finally {
    await sql`alter table audit_away rename to audit`.execute(db)
  }
}

async function changesWithTheirEntry(t: Test, config: string): Promise<void> {
  const platform = await startPlatform({ only: ['idp'], t, config })
  const admin = await Admin.of(platform)
  await newTokens(platform)
  const changes = changesOf(admin)
  const unsafe = adminRoutes.filter(({ method }) => method !== 'GET')
  t.same(
    unsafe.map(({ method, path }) => `${method} ${path}`).toSorted(),
    Object.keys(changes).toSorted(),
    'every route that changes something is here',
  )
  await withStore(platform, async (store) => {
    for (const [name, change] of Object.entries(changes)) {
      const [method = '', template = ''] = name.split(' ')
      const path = change.path === undefined ? template : await change.path()
      const before = await everything(store)
      const failed = await withoutLog(store, () => admin.send(method, path, change.body))
      t.equal(failed.status, 500, `${name} without the log`)
      t.equal(await everything(store), before, `${name}: nothing has changed, nothing is told`)
      const answer = await admin.send(method, path, change.body)
      t.ok([200, 201, 204].includes(answer.status), `${name}: ${answer.status}`)
      t.not(await everything(store), before, `${name}: with it it has`)
      const [entry] = listField((await admin.get('/audit?limit=1')).body, 'items')
      t.match(entry, { action: change.action }, name)
    }
  })
  t.match((await admin.get('/audit/verify')).body, { ok: true })
}

t.test('SQLite: what cannot be put on record does not happen', (t) => changesWithTheirEntry(t, '{}'))

t.test('PostgreSQL: the same', async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  await changesWithTheirEntry(t, `idp: { store: '${await postgres.createDatabase()}' }`)
})
