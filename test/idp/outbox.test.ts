import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import t, { type Test } from 'tap'
import { createEvents } from '../../idp/events/part.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { postgresFor } from '../harness/postgres.ts'

const log = createLogger({ name: 'test', level: 'silent' })

async function suite(t: Test, url: string): Promise<void> {
  const store = await openStore<IdpTables>({ url, migrations: idpMigrations, log })
  t.teardown(() => store.close())
  const { outbox, streams, wake } = createEvents({
    store,
    clock: systemClock,
    log,
    issuer: 'https://idp.test',
  })
  t.teardown(() => wake.stop())
  const name = { receiver: 'gateway', stream: 'one' }
  await streams.open(name, 0)
  const append = (jti: string, fail = false) =>
    store.db.transaction().execute(async (trx) => {
      await outbox.append(trx, { type: 'token-revoked', jti })
      if (fail) throw new Error('the change failed')
    })

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => append(`jti-${n}`, n % 4 === 3)),
  )
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 15)
  const { events } = await streams.outstanding(name, 100)
  const ids = events.map(({ claims }) => String(claims.sub_id['id']))
  const failed = ids.filter((id) => Number(id.slice(4)) % 4 === 3)
  t.same(failed, [], 'what did not happen is not told')
  t.same(
    events.map(({ seq }) => seq),
    Array.from({ length: 15 }, (_, n) => n + 1),
    'in the order of commit, without gaps',
  )
  t.equal(await outbox.last(), 15)
  t.equal(await outbox.positionBefore(systemClock.now() + 1000), 15)
  t.equal(await outbox.positionBefore(0), 0)

  await streams.settle(
    name,
    events.slice(0, 3).map(({ jti }) => jti),
  )
  t.equal((await streams.outstanding(name, 100)).events[0]?.seq, 4)
  await outbox.forget(systemClock.now() + 1000, 5)
  await streams.settle(
    name,
    events.slice(5, 7).map(({ jti }) => jti),
  )
  t.equal((await streams.outstanding(name, 100)).events[0]?.seq, 8, 'over what was forgotten')
}

t.test('the outbox on SQLite', (t) => suite(t, 'sqlite::memory:'))

t.test('the outbox on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres !== undefined) await suite(t, await postgres.createDatabase())
})
