import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createLogger } from '@gatehouse/kit/log'
import { isStoreError, isUniqueViolation, openStore, type Store } from '@gatehouse/kit/store/open'
import t, { type Test } from 'tap'
import { things, type Shop } from './things.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const twenty = Array.from({ length: 20 }, (_, n) => n)

async function open(on: Test, query = ''): Promise<Store<Shop>> {
  const url = `sqlite:${join(on.testdir({}), 'shop.sqlite')}${query}`
  const store = await openStore<Shop>({ url, migrations: [things], log })
  on.teardown(() => store.close())
  return store
}

const add = ({ db }: Pick<Store<Shop>, 'db'>, id: number, name = `n${id}`): Promise<unknown> =>
  db.insertInto('thing').values({ id, name, amount: null }).execute()

async function ids({ db }: Store<Shop>): Promise<readonly number[]> {
  const rows = await db.selectFrom('thing').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

t.test('of changes in one turn, one that is refused fails alone', async (on) => {
  const store = await open(on)
  const results = await Promise.allSettled(twenty.map((n) => add(store, n, n === 7 ? 'n3' : `n${n}`)))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  on.equal(failed.length, 1)
  on.ok(isUniqueViolation(failed[0]))
  on.same(
    await ids(store),
    twenty.filter((n) => n !== 7),
  )
})

t.test('each is told of its own rows', async (on) => {
  const store = await open(on)
  await Promise.all(twenty.map((n) => add(store, n)))
  const change = (id: number) =>
    store.db.updateTable('thing').set({ amount: 1 }).where('id', '<', id).executeTakeFirst()
  const results = await Promise.all([1, 5, 0].map(change))
  on.same(
    results.map(({ numUpdatedRows }) => numUpdatedRows),
    [1n, 5n, 0n],
  )
})

t.test('a change beside a transaction is not undone with it, and not seen in it', async (on) => {
  const store = await open(on)
  const outcome = Promise.withResolvers<unknown>()
  const transaction = store.db.transaction().execute(async (trx) => {
    await add({ db: trx }, 1)
    outcome.resolve(Promise.all([add(store, 2), add(store, 3), ids(store)]))
    await new Promise(setImmediate)
    on.same(await trx.selectFrom('thing').select('id').execute(), [{ id: 1 }])
    throw new Error('rolled back')
  })
  await on.rejects(transaction, { message: 'rolled back' })
  await outcome.promise
  on.same(await ids(store), [2, 3])
})

t.test('nobody outside reads what a transaction has not committed', async (on) => {
  const store = await open(on)
  let outside: Promise<readonly number[]> = Promise.resolve([])
  const transaction = store.db.transaction().execute(async (trx) => {
    await add({ db: trx }, 1)
    outside = ids(store)
    await new Promise(setImmediate)
    throw new Error('rolled back')
  })
  await on.rejects(transaction)
  on.same(await outside, [])
})

t.test('changes that wait for a transaction too long fail, and the next ones do not', async (on) => {
  const store = await open(on, '?timeout=100ms')
  await store.db.transaction().execute(async () => {
    const results = await Promise.allSettled([add(store, 1), add(store, 2)])
    on.ok(results.every((result) => result.status === 'rejected' && isStoreError(result.reason)))
  })
  await add(store, 3)
  on.same(await ids(store), [3])
})

t.test('what was answered is there after SIGKILL', { timeout: 240_000 }, async (on) => {
  const url = `sqlite:${join(on.testdir({}), 'shop.sqlite')}`
  const child = fork(join(import.meta.dirname, 'group-commit-writer.ts'), [url])
  on.teardown(() => child.kill('SIGKILL'))
  const answered = new Set<number>()
  child.on('message', (id) => answered.add(Number(id)))
  while (answered.size < 200) await once(child, 'message')
  child.kill('SIGKILL')
  await once(child, 'close')
  const store = await openStore<Shop>({ url, migrations: [things], log })
  on.teardown(() => store.close())
  const stored = new Set(await ids(store))
  on.same(
    [...answered].filter((id) => !stored.has(id)),
    [],
  )
})
