import { fork } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@gatehouse/kit/errors'
import { createLogger } from '@gatehouse/kit/log'
import {
  isStoreError,
  isUniqueViolation,
  openStore,
  QueryError,
  type Migration,
  type Store,
} from '@gatehouse/kit/store/open'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { postgresFor, query } from '../harness/postgres.ts'
import { things, type Shop } from './things.ts'

// Before the first test: tap ends when it has nothing left to run.
const postgres = await postgresFor(t)
const log = createLogger({ name: 'test', level: 'silent' })
const index: Migration = {
  id: 2,
  name: 'thing_amount',
  async up(db) {
    await db.schema.createIndex('thing_amount').on('thing').column('amount').execute()
  },
}
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'))
t.teardown(() => rmSync(folder, { recursive: true }))
let files = 0
const freshFile = (): string => `sqlite:${join(folder, `${(files += 1)}.sqlite`)}`

async function open(
  on: Test,
  url: string,
  migrations: readonly Migration[] = [things],
): Promise<Store<Shop>> {
  const store = await openStore<Shop>({ url, migrations, log })
  on.teardown(() => store.close())
  return store
}

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** What holds on both databases. */
function suite(name: string, freshUrl: () => Promise<string>): void {
  t.test(`${name}: text and numbers come back as they were`, async (on) => {
    const { db } = await open(on, await freshUrl())
    const rows = [
      { id: 1, name: "Robert'); DROP TABLE thing;--", amount: Number.MAX_SAFE_INTEGER },
      { id: 2, name: 'ünï🦊', amount: null },
    ]
    await db.insertInto('thing').values(rows).execute()
    on.same(await db.selectFrom('thing').selectAll().orderBy('id').execute(), rows)
    const { sum, count } = await db
      .selectFrom('thing')
      .select(({ fn }) => [fn.sum<number>('amount').as('sum'), fn.countAll<number>().as('count')])
      .executeTakeFirstOrThrow()
    on.strictSame([sum, count], [Number.MAX_SAFE_INTEGER, 2])
  })

  t.test(`${name}: a conditional update tells how many rows it hit`, async (on) => {
    const { db } = await open(on, await freshUrl())
    await db.insertInto('thing').values({ id: 1, name: 'code', amount: null }).execute()
    const consume = () =>
      db.updateTable('thing').set({ amount: 1 }).where('amount', 'is', null).executeTakeFirst()
    const hits = await Promise.all(Array.from({ length: 20 }, consume))
    on.equal(hits.filter(({ numUpdatedRows }) => numUpdatedRows === 1n).length, 1)
  })

  t.test(`${name}: errors are sorted and carry no value`, async (on) => {
    const { db } = await open(on, await freshUrl())
    await db.insertInto('thing').values({ id: 1, name: 'canary-1', amount: null }).execute()
    for (const row of [
      { id: 1, name: 'other', amount: null },
      { id: 2, name: 'canary-1', amount: null },
    ]) {
      const twice = await thrownBy(() => db.insertInto('thing').values(row).execute())
      on.ok(isUniqueViolation(twice))
      on.notOk(isStoreError(twice))
    }
    const broken = await thrownBy(() =>
      sql`insert into thing (id, name) values (3, null), (4, ${'canary-2'})`.execute(db),
    )
    const missing = await thrownBy(() => sql`select * from nothing_here where x = ${'canary-3'}`.execute(db))
    for (const error of [broken, missing]) {
      on.ok(error instanceof QueryError)
      on.notOk(isStoreError(error) || isUniqueViolation(error))
      on.notMatch(JSON.stringify(Object.getOwnPropertyDescriptors(error)), 'canary')
    }
    on.match(missing, { message: 'nothing_here' })
  })

  t.test(`${name}: a failing transaction leaves nothing`, async (on) => {
    const { db } = await open(on, await freshUrl())
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto('thing').values({ id: 1, name: 'a', amount: null }).execute()
      await trx.insertInto('thing').values({ id: 1, name: 'b', amount: null }).execute()
    })
    on.ok(isUniqueViolation(await thrownBy(() => failing)))
    on.same(await db.selectFrom('thing').selectAll().execute(), [])
  })

  t.test(`${name}: migrations run once, forward, and all or none`, async (on) => {
    const url = await freshUrl()
    const failing: Migration = {
      id: 2,
      name: 'fails',
      up: (db) => sql`select * from nothing_here`.execute(db).then(() => undefined),
    }
    on.ok((await thrownBy(() => open(on, url, [things, failing]))) instanceof QueryError)
    const first = await open(on, url)
    await first.db.insertInto('thing').values({ id: 1, name: 'kept', amount: null }).execute()
    const second = await open(on, url, [things, index])
    on.match(await second.db.selectFrom('thing').selectAll().execute(), [{ name: 'kept' }])
  })

  t.test(`${name}: refuses a newer schema and that of another part`, async (on) => {
    const url = await freshUrl()
    await open(on, url, [things, index])
    const newer = await thrownBy(() => open(on, url, [things]))
    on.ok(newer instanceof StartError)
    on.match(newer, { message: /version 2.*knows 1/, hint: /newer version/ })
    const other = await thrownBy(() => open(on, url, [{ ...things, name: 'accounts' }]))
    on.ok(other instanceof StartError)
    on.match(other, { message: /"thing"/ })
  })

  t.test(`${name}: processes that start together migrate once`, async (on) => {
    const url = await freshUrl()
    const child = new URL('../fixtures/open-store.ts', import.meta.url)
    const codes = await Promise.all(
      Array.from({ length: 4 }, () => {
        const process = fork(child, [url], { stdio: 'inherit' })
        return new Promise((resolve) => process.once('exit', resolve))
      }),
    )
    on.same(codes, [0, 0, 0, 0])
  })
}

suite('sqlite', () => Promise.resolve(freshFile()))

t.test('sqlite: data is there after a restart, in a file nobody else can read', async (on) => {
  const url = freshFile()
  const first = await openStore<Shop>({ url, migrations: [things], log })
  await first.db.insertInto('thing').values({ id: 1, name: 'kept', amount: null }).execute()
  await first.close()
  on.equal(statSync(url.slice('sqlite:'.length)).mode & 0o777, 0o600)
  const second = await open(on, url)
  on.match(await second.db.selectFrom('thing').selectAll().execute(), [{ name: 'kept' }])
})

t.test(
  'a file that came back from a backup is nobody else’s to read again, nor is what lies beside it',
  async (on) => {
    const url = freshFile()
    const file = url.slice('sqlite:'.length)
    const store = await openStore<Shop>({ url, migrations: [things], log })
    await store.db.insertInto('thing').values({ id: 1, name: 'x', amount: 1 }).execute()
    const modes = () => ['', '-wal', '-shm'].map((end) => statSync(file + end).mode & 0o777)
    // As with a copy while it ran, or after a crash.
    const copied = { '': 0o644, '-wal': 0o664, '-shm': 0o644 }
    for (const [end, mode] of Object.entries(copied)) chmodSync(file + end, mode)
    const again = await open(on, url)
    on.same(modes(), [0o640, 0o660, 0o640], 'a group that may read it keeps that')
    on.match(await again.db.selectFrom('thing').selectAll().execute(), [{ id: 1 }])
    await store.close()
  },
)

t.test('sqlite: keeps what it acknowledged, unless told otherwise', async (on) => {
  const level = async (url: string): Promise<unknown> => {
    const { db } = await open(on, url)
    return (await sql<{ synchronous: number }>`pragma synchronous`.execute(db)).rows[0]?.synchronous
  }
  on.equal(await level(freshFile()), 2, 'FULL')
  on.equal(await level(`${freshFile()}?synchronous=normal`), 1, 'NORMAL')
  on.ok((await thrownBy(() => open(on, `${freshFile()}?synchronous=off`))) instanceof StartError)
})

t.test('sqlite: a folder may be called anything, and an option only what is one', async (on) => {
  for (const name of ['what?', 'a?synchronous=off', 'c#', '100%', '%3F', 'two words', 'ü']) {
    const inside = mkdtempSync(join(folder, `${name}-`))
    for (const [id, part] of ['idp', 'orders'].entries()) {
      const { db } = await open(on, `sqlite:${join(inside, `${part}.sqlite`)}?timeout=2s`)
      await db.insertInto('thing').values({ id, name: part, amount: null }).execute()
      on.match(await db.selectFrom('thing').selectAll().execute(), [{ name: part }], inside)
      on.ok(existsSync(join(inside, `${part}.sqlite`)))
    }
  }
  on.match(await thrownBy(() => open(on, `${freshFile()}?synchronos=normal`)), { name: 'StartError' })
})

t.test('sqlite: in memory, migrations and queries see the same database', async (on) => {
  const { db } = await open(on, 'sqlite::memory:')
  on.same(await db.selectFrom('thing').selectAll().execute(), [])
})

t.test('sqlite: a file that cannot be opened is one clear line', async (on) => {
  const noDatabase = join(folder, 'no-database')
  writeFileSync(noDatabase, 'this is not a database, and long enough to be looked at'.repeat(20))
  for (const file of [join(folder, 'missing', 'x.sqlite'), folder, noDatabase]) {
    const error = await thrownBy(() => open(on, `sqlite:${file}`))
    on.ok(error instanceof StartError, file)
    on.match(error, { hint: /writable/ })
  }
})

t.test('sqlite: another process that holds the lock makes a store error, not a hang', async (on) => {
  const url = `${freshFile()}?timeout=200ms`
  const one = await open(on, url)
  const other = await open(on, url)
  await one.db.transaction().execute(async (trx) => {
    await trx.insertInto('thing').values({ id: 1, name: 'a', amount: null }).execute()
    const blocked = await thrownBy(() =>
      other.db.insertInto('thing').values({ id: 2, name: 'b', amount: null }).execute(),
    )
    on.ok(isStoreError(blocked))
  })
})

t.test('sqlite: a query beside its own transaction ends, not hangs', async (on) => {
  const { db } = await open(on, `${freshFile()}?timeout=200ms`)
  const error = await thrownBy(() =>
    db.transaction().execute(() => db.selectFrom('thing').selectAll().execute()),
  )
  on.ok(isStoreError(error))
  on.same(await db.selectFrom('thing').selectAll().execute(), [], 'and the store works afterwards')
})

t.test('sqlite: a value that is no column type is refused', async (on) => {
  const { db } = await open(on, freshFile())
  on.ok((await thrownBy(() => sql`select ${true} as x`.execute(db))) instanceof TypeError)
})

t.test('a store of no known kind is refused without showing its password', async (on) => {
  const error = await thrownBy(() => open(on, 'mysql://root:canary@localhost/x'))
  on.ok(error instanceof StartError)
  on.notMatch(String(error), 'canary')
})

t.test('postgres: a server that is not there is one clear line without the password', async (on) => {
  const error = await thrownBy(() => open(on, 'postgres://user:canary@127.0.0.1:1/db'))
  on.ok(error instanceof StartError)
  on.match(error, { message: /127\.0\.0\.1:1\/db.*ECONNREFUSED/, hint: /PostgreSQL runs/ })
  on.notMatch(JSON.stringify([error, String(error)]), 'canary')
})

if (postgres !== undefined) {
  suite('postgres', () => postgres.createDatabase())

  const sleepers = `from pg_stat_activity where query like '%pg_sleep(5)%' and pid <> pg_backend_pid()`
  const idlers = `from pg_stat_activity where application_name = 'gatehouse'`

  /** Ends the connections; when it resolves, the pool has heard that they are no more. */
  const endIdlers = async (): Promise<void> => {
    const ended = await query(postgres.url, `select pid, pg_terminate_backend(pid) ${idlers}`)
    for (const row of ended) while (existsSync(`/proc/${Object(row).pid}`)) await sleep(10)
    // The process is gone, so its end of the connection is closed: this process hears of that when it looks at its sockets.
    for (let looks = 0; looks < 2; looks++) await new Promise((resolve) => setImmediate(resolve))
  }

  t.test('postgres: a connection that dies is a store error, and the next query works', async (on) => {
    const { db } = await open(on, await postgres.createDatabase())
    for (let round = 0; round < 5; round++) {
      const killed = thrownBy(() => sql`select pg_sleep(5)`.execute(db))
      while ((await query(postgres.url, `select pg_terminate_backend(pid) ${sleepers}`)).length === 0);
      on.ok(isStoreError(await killed))
      on.same(await db.selectFrom('thing').selectAll().execute(), [])
    }
  })

  t.test('postgres: connections that die in a transaction or in the pool end nothing else', async (on) => {
    const { db } = await open(on, await postgres.createDatabase())
    const lost = await thrownBy(() =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto('thing').values({ id: 1, name: 'a', amount: null }).execute()
        await endIdlers()
        await trx.insertInto('thing').values({ id: 2, name: 'b', amount: null }).execute()
      }),
    )
    on.ok(isStoreError(lost))
    on.same(await db.selectFrom('thing').selectAll().execute(), [], 'the transaction left nothing')
    await endIdlers()
    on.same(await db.selectFrom('thing').selectAll().execute(), [])
  })
}
