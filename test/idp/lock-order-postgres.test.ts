import { sql } from 'kysely'
import t from 'tap'
import { buildDeps } from '../../idp/deps.ts'
import type { IdpStore } from '../../idp/storage/tables.ts'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { postgresFor } from '../harness/postgres.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { authorizeUrl, newPkce, newTokens } from './native.ts'
import { Person, type Seen } from './person.ts'

/** Until somebody waits for what somebody else holds. */
async function untilSomebodyWaits({ db }: IdpStore): Promise<void> {
  await until(async () => (await sql`select 1 from pg_locks where not granted`.execute(db)).rows.length > 0)
}

t.test(
  'who takes a consent back waits for no removal that waits for them',
  { timeout: 240_000 },
  async (t) => {
    const postgres = await postgresFor(t)
    if (postgres === undefined) return
    for (const path of ['/clients/demo-native', '/accounts/acc-alice']) {
      const url = await postgres.createDatabase()
      const platform = await startPlatform({ only: ['idp'], t, config: `idp: { store: '${url}' }` })
      const admin = await Admin.of(platform)
      await newTokens(platform)
      const deps = await buildDeps(contextOf(platform))
      t.teardown(() => deps.close())
      let removal: ReturnType<Admin['send']> | undefined
      const isEnded = await deps.store.db.transaction().execute(async (trx) => {
        t.ok(await deps.consents.forget('acc-alice', 'demo-native', trx), 'there was a consent')
        removal = admin.send('DELETE', path)
        await untilSomebodyWaits(deps.store)
        return deps.artifacts.revokeClientOf('acc-alice', 'demo-native', trx)
      })
      t.ok(isEnded, path)
      t.equal((await removal)?.status, 204, path)
      await platform.stop()
    }
  },
)

t.test('who signs in while a consent is taken back is asked again', { timeout: 120_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const url = await postgres.createDatabase()
  const platform = await startPlatform({ only: ['idp'], t, config: `idp: { store: '${url}' }` })
  const { issuer } = platform.config
  await newTokens(platform)
  const person = new Person()
  const login = await person.follow(await person.open(`${issuer}/account`))
  await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  let opened: Promise<Seen> | undefined
  await deps.store.db.transaction().execute(async (trx) => {
    await deps.consents.forget('acc-alice', 'demo-native', trx)
    await deps.artifacts.revokeClientOf('acc-alice', 'demo-native', trx)
    opened = person.open(authorizeUrl(issuer, newPkce()))
    await Promise.race([opened, untilSomebodyWaits(deps.store)])
  })
  t.match((await opened)?.headers.get('location'), /^\/interaction\//)
  const grants = await deps.artifacts.ofAccount('Grant', 'acc-alice')
  t.same(
    grants.filter(({ clientId }) => clientId === 'demo-native'),
    [],
  )
})
