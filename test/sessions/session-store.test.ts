import { createLogger } from '@gatehouse/kit/log'
import { isStoreError, openStore } from '@gatehouse/kit/store/open'
import t, { type Test } from 'tap'
import type { SessionRow, SessionStore } from '../../gateway/sessions/session-storage.ts'
import { SqlSessionStore } from '../../gateway/sessions/session-store.ts'
import { sessionsMigration, type SessionTables } from '../../gateway/sessions/tables.ts'
import { ValkeySessionStore } from '../../gateway/sessions/valkey-session-store.ts'
import { postgresFor } from '../harness/postgres.ts'
import { valkeyFor } from '../harness/valkey.ts'

// Before the first test: tap ends when it has nothing left to run.
const postgres = await postgresFor(t)
const valkey = await valkeyFor(t)
const log = createLogger({ name: 'test', level: 'silent' })

async function open(on: Test, url: string): Promise<SessionStore> {
  if (url.startsWith('redis:')) return openValkey(on, url)
  const store = await openStore<SessionTables>({ url, migrations: [sessionsMigration(1)], log })
  on.teardown(() => store.close())
  return new SqlSessionStore(store.db)
}

function openValkey(on: Test, url: string): SessionStore {
  const store = new ValkeySessionStore(url, log)
  on.teardown(() => store.close())
  return store
}

function row(change: Partial<SessionRow> = {}): SessionRow {
  const times = { last_seen_at: 1_795_000_000_000, ends_at: 1_795_000_100_000, lease_until: 0 }
  return { id_hash: 'h', sid: 's', sub: 'u', record: 'r', version: 1, ...times, lease_owner: '', ...change }
}

const twenty = <T>(run: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 20 }, (_, at) => run(at)))

/** What holds wherever sessions are kept. */
function suite(name: string, freshUrl: () => Promise<string>): void {
  t.test(`${name}: a row comes back as it was`, async (on) => {
    const store = await open(on, await freshUrl())
    await store.insert(row())
    on.same(await store.find('h'), row())
    on.equal(await store.find("' or 1=1 --"), undefined)
    await store.touch('h', row().last_seen_at + 5)
    await store.touch('h', row().last_seen_at + 3)
    on.equal((await store.find('h'))?.last_seen_at, row().last_seen_at + 5, 'time does not go back')
    await store.insert(row({ id_hash: 'h2' }))
    on.strictSame(
      await store.lastSeen(['gone', 'h', 'h2']),
      new Map([
        ['h', row().last_seen_at + 5],
        ['h2', row().last_seen_at],
      ]),
    )
  })

  t.test(`${name}: one of many gets the lease, and only its renewal is saved`, async (on) => {
    const store = await open(on, await freshUrl())
    await store.insert(row())
    const took = await twenty((at) => store.takeLease(row(), `owner-${at}`, 1000, 9000))
    on.equal(took.filter(Boolean).length, 1)
    const owner = `owner-${took.indexOf(true)}`
    on.equal(await store.takeLease(row(), 'late', 8999, 20_000), false)
    on.equal(await store.saveRenewal(row(), 'late', 'stolen'), false)
    on.equal(await store.saveRenewal(row(), owner, 'renewed'), true)
    on.match(await store.find('h'), { record: 'renewed', version: 2, lease_until: 0 })
    on.equal(await store.takeLease(row(), 'behind', 9000, 20_000), false, 'nobody renews what was renewed')
    on.equal(await store.takeLease(row({ version: 2 }), 'next', 9000, 20_000), true)
    await store.releaseLease('h', 'other')
    on.equal(await store.takeLease(row({ version: 2 }), 'third', 9000, 20_000), false)
    await store.releaseLease('h', 'next')
    on.equal(await store.takeLease(row({ version: 2 }), 'third', 9000, 20_000), true)
    on.equal(
      await store.takeLease(row({ version: 2 }), 'heir', 20_000, 30_000),
      true,
      'of a process that died',
    )
  })

  t.test(`${name}: a session ends once; by login, by account`, async (on) => {
    const store = await open(on, await freshUrl())
    for (const [id_hash, sid, sub] of [
      ['a', 's1', 'u1'],
      ['b', 's1', 'u1'],
      ['c', 's2', 'u1'],
      ['d', 's3', 'u2'],
    ] as const) {
      await store.insert(row({ id_hash, sid, sub }))
    }
    on.same((await store.deleteBy('sid', 's1')).toSorted(), ['a', 'b'])
    on.same(await store.deleteBy('sub', 'u1'), ['c'])
    const ended = await twenty(() => store.delete('d'))
    on.equal(ended.filter(Boolean).length, 1)
  })

  t.test(`${name}: the sessions of an account, the newest first`, async (on) => {
    const store = await open(on, await freshUrl())
    for (const [at, id_hash] of ['a', 'b', 'c'].entries()) {
      // oxlint-disable-next-line no-await-in-loop
      await store.insert(row({ id_hash, ends_at: row().ends_at + at }))
    }
    await store.insert(row({ id_hash: 'other', sub: 'somebody else' }))
    await store.delete('b')
    on.same(
      (await store.ofAccount('u')).map(({ id_hash }) => id_hash),
      ['c', 'a'],
    )
    on.same(await store.ofAccount("' or 1=1 --"), [])
  })

  t.test(`${name}: once is once, also at the same time`, async (on) => {
    const store = await open(on, await freshUrl())
    const first = await twenty(() => store.useOnce('state x', 2000))
    on.equal(first.filter(Boolean).length, 1)
    on.equal(await store.useOnce('state y', 2000), true)
    await store.sweep(2000, 0)
    on.equal(await store.useOnce('state x', 9000), true, 'forgotten when it no longer counts')
  })

  t.test(`${name}: what is over is swept, a bounded number at a time`, async (on) => {
    const store = await open(on, await freshUrl())
    await store.insert(row({ id_hash: 'ended', ends_at: 1000, last_seen_at: 999 }))
    await store.insert(row({ id_hash: 'idle', ends_at: 9000, last_seen_at: 100 }))
    await store.insert(row({ id_hash: 'live', ends_at: 9000, last_seen_at: 999 }))
    on.equal(await store.sweep(1000, 500), 2)
    on.ok(await store.find('live'))
    for (let at = 0; at < 600; at += 1) await store.useOnce(`many ${at}`, 10)
    on.equal(await store.sweep(1000, 500), 500)
    on.equal(await store.sweep(1000, 500), 100)
    on.equal(await store.sweep(1000, 500), 0)
  })
}

suite('SQLite', async () => 'sqlite::memory:')
if (postgres !== undefined) suite('PostgreSQL', () => postgres.createDatabase())
if (valkey !== undefined) {
  suite('Valkey', () => Promise.resolve(valkey.createDatabase()))

  t.test('Valkey: what is lost says so', async (on) => {
    const server = await valkeyFor(on)
    if (server === undefined) return
    const store = openValkey(on, server.createDatabase())
    await store.insert(row())
    await server.kill()
    const outcomes = await Promise.allSettled([store.find('h'), store.delete('h'), store.useOnce('x', 1)])
    for (const outcome of outcomes) on.ok(outcome.status === 'rejected' && isStoreError(outcome.reason))
  })
}
