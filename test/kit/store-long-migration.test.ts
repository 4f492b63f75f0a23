import { createLogger } from '@gatehouse/kit/log'
import { openStore, type Migration } from '@gatehouse/kit/store/open'
import { sql } from 'kysely'
import t from 'tap'
import { postgresFor } from '../harness/postgres.ts'
import { things, type Shop } from './things.ts'

const log = createLogger({ name: 'test', level: 'silent' })

/** Longer than a query, and than a server that says nothing. */
const long: Migration = {
  id: 2,
  name: 'an index of a large table',
  async up(db) {
    await sql`select pg_sleep(16)`.execute(db)
  },
}

t.test('a migration, and who waits for it, may take longer than a query', { timeout: 120_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const url = await postgres.createDatabase()
  const stores = await Promise.all(
    [0, 1].map(() => openStore<Shop>({ url, migrations: [things, long], log })),
  )
  for (const store of stores) {
    t.same(await store.db.selectFrom('thing').selectAll().execute(), [])
    await store.close()
  }
})
