import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { MasterKey } from '@gatehouse/kit/secrets'
import { CompiledQuery } from '@gatehouse/kit/store/kysely'
import { openStore } from '@gatehouse/kit/store/open'
import t, { type Test } from 'tap'
import { createEvents } from '../../idp/events/part.ts'
import { grantName } from '../../idp/events/endings.ts'
import { Artifacts } from '../../idp/storage/artifacts.ts'
import { Cleanup } from '../../idp/storage/cleanup.ts'
import { grantNamed } from '../../idp/storage/grant-named.ts'
import { idHash } from '../../idp/storage/hash.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import { Replays } from '../../idp/storage/replays.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { postgresFor } from '../harness/postgres.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const twenty = Array.from({ length: 20 })

async function suite(t: Test, url: string): Promise<void> {
  const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
  t.teardown(() => store.close())
  const masterKey = MasterKey.generate()
  let now = systemClock.now()
  const clock = { now: () => now }
  const events = createEvents({ store, clock, log, issuer: 'https://idp.test' })
  t.teardown(() => events.wake.stop())
  const artifacts = new Artifacts({ store, masterKey, clock, outbox: events.outbox })

  await t.test('comes back as it went', async (t) => {
    const payload = {
      grantId: 'g1',
      accountId: 'acc',
      clientId: 'c',
      scope: 'a b',
      uid: 'u1',
      userCode: 'CODE',
    }
    await artifacts.save('RefreshToken', 'rt1', payload, 60)
    t.same(await artifacts.find('RefreshToken', 'rt1'), payload)
    t.same(await artifacts.findByUid('RefreshToken', 'u1'), payload)
    t.same(await artifacts.findByUserCode('RefreshToken', 'CODE'), payload)
    t.equal(await artifacts.find('AuthorizationCode', 'rt1'), undefined, 'of another model')
    await artifacts.save('RefreshToken', 'rt1', { ...payload, scope: 'a' }, 60)
    t.equal((await artifacts.find('RefreshToken', 'rt1'))?.scope, 'a', 'saved again')
    await artifacts.destroy('RefreshToken', 'rt1')
    t.equal(await artifacts.find('RefreshToken', 'rt1'), undefined)
  })

  await t.test('is used once, however many try', async (t) => {
    await artifacts.save('AuthorizationCode', 'code1', { grantId: 'g2' }, 60)
    const all = await Promise.all(twenty.map(() => artifacts.consumeOnce('AuthorizationCode', 'code1')))
    t.equal(all.filter(Boolean).length, 1)
    t.equal((await artifacts.find('AuthorizationCode', 'code1'))?.consumed, Math.floor(now / 1000))
    t.equal(await artifacts.consumeOnce('AuthorizationCode', 'never'), false)
  })

  await t.test('a grant is found by what its tokens call it, without a look at the others', async (t) => {
    await artifacts.save('Grant', 'g0', { accountId: 'acc-0', clientId: 'c' }, 60)
    await artifacts.save('RefreshToken', 'g0', { grantId: 'g0', accountId: 'acc-1', clientId: 'c' }, 60)
    const query = grantNamed(store.db, grantName(idHash('g0')))
    t.same(await query.execute(), [{ account_id: 'acc-0' }])
    t.same(await grantNamed(store.db, grantName(idHash('g'))).execute(), [])
    if (store.dialect === 'postgres') return
    const { sql, parameters } = query.compile()
    const plan = await store.db.executeQuery(CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]))
    t.match(JSON.stringify(plan.rows), /USING INDEX artifacts_grant_name/)
  })

  await t.test('ends with its grant', async (t) => {
    await artifacts.save('Grant', 'g3', { accountId: 'acc', clientId: 'c' }, 60)
    await artifacts.save('RefreshToken', 'rt3', { grantId: 'g3', accountId: 'acc', clientId: 'c' }, 60)
    await artifacts.save('RefreshToken', 'other', { grantId: 'g4', accountId: 'acc', clientId: 'c' }, 60)
    t.same(await artifacts.revokeFamilyOf('RefreshToken', 'rt3'), { accountId: 'acc', clientId: 'c' })
    t.equal(await artifacts.find('Grant', 'g3'), undefined)
    t.equal(await artifacts.find('RefreshToken', 'rt3'), undefined)
    t.ok(await artifacts.find('RefreshToken', 'other'))
  })

  await t.test('cannot be moved to another row', async (t) => {
    await artifacts.save('RefreshToken', 'mine', { grantId: 'g5' }, 60)
    await artifacts.save('RefreshToken', 'theirs', { grantId: 'g6' }, 60)
    const [row] = await store.db.selectFrom('artifacts').select('payload_sealed').limit(1).execute()
    await store.db
      .updateTable('artifacts')
      .set({ payload_sealed: row?.payload_sealed ?? '' })
      .execute()
    const results = await Promise.allSettled(
      ['mine', 'theirs'].map((id) => artifacts.find('RefreshToken', id)),
    )
    t.ok(results.some(({ status }) => status === 'rejected'))
    await store.db.deleteFrom('artifacts').execute()
  })

  await t.test('a jti is new once, however many bring it', async (t) => {
    const replays = new Replays(store)
    const expiresAt = Math.floor(now / 1000) + 60
    const all = await Promise.all(twenty.map(() => replays.remember('client', 'jti-1', expiresAt)))
    t.equal(all.filter(Boolean).length, 1)
    t.equal(await replays.remember('another', 'jti-1', expiresAt), true, 'of another client it is another')
    t.equal(await replays.remember('clientjti', '-1', expiresAt), true, 'names are not glued together')
  })

  await t.test('is deleted some time after its end', async (t) => {
    const cleanup = new Cleanup({ store, clock, log, events })
    for (let i = 0; i < 1200; i += 1) await artifacts.save('ReplayDetection', `old${i}`, {}, 10)
    await artifacts.save('Session', 'young', {}, 3600)
    const left = async (): Promise<number> =>
      (await store.db.selectFrom('artifacts').select('id_hash').execute()).length
    await cleanup.run()
    t.equal(await left(), 1201, 'not before')
    now += 120_000
    await cleanup.run()
    t.equal(await left(), 1, 'all of them, in batches')
    t.ok(await artifacts.find('Session', 'young'))
    t.same(await store.db.selectFrom('replays').selectAll().execute(), [])
    await cleanup.stop()
  })

  await t.test('more expires in a minute than the batches of one round hold', async (t) => {
    const rows = Array.from({ length: 1_000 }, (_, index) => ({ id_hash: `used ${index}`, expires_at: now }))
    const many = Array.from({ length: 12 }, (_, part) =>
      rows.map((row) => ({ ...row, id_hash: `${row.id_hash} ${part}` })),
    )
    for (const some of many) await store.db.insertInto('replays').values(some).execute()
    now += 120_000
    await new Cleanup({ store, clock, log, events }).run()
    t.same(await store.db.selectFrom('replays').select('id_hash').execute(), [])
  })
}

t.test('artifacts on SQLite', (t) => suite(t, 'sqlite::memory:'))

t.test('artifacts on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await suite(t, await postgres.createDatabase())
})
