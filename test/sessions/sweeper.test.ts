import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import { sql } from 'kysely'
import t from 'tap'
import { SqlSessionStore } from '../../gateway/sessions/session-store.ts'
import { sweepAll } from '../../gateway/sessions/sweeper.ts'
import { sessionsMigration, type SessionTables } from '../../gateway/sessions/tables.ts'

t.test('more of what was used once than anybody foresaw is swept in one go', async (t) => {
  const log = createLogger({ name: 'test', level: 'silent' })
  const migrations = [sessionsMigration(1)]
  const store = await openStore<SessionTables>({ url: 'sqlite::memory:', migrations, log })
  t.teardown(() => store.close())
  const { db } = store
  await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 25000)
    insert into session_replays select 'proof ' || i, 999 from n`.execute(db)
  await db.insertInto('session_replays').values({ id: 'still counts', expires_at: 1001 }).execute()
  const options = { store: new SqlSessionStore(db), clock: { now: () => 1000 }, log, idleMs: 10 }
  await sweepAll(options, AbortSignal.abort())
  const left = () => db.selectFrom('session_replays').select('id').execute()
  t.equal((await left()).length, 25_001, 'not while the gateway stops')
  await sweepAll(options, new AbortController().signal)
  t.same(await left(), [{ id: 'still counts' }])
})
