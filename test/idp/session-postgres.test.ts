import { sql } from 'kysely'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { postgresFor } from '../harness/postgres.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { ownApp } from './own-app.ts'
import { locationOf, Person } from './person.ts'

t.test('PostgreSQL: a session that is saved while it is ended does not come back', async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const config = `idp: { store: '${await postgres.createDatabase()}' }`
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const { app, deps } = await ownApp(t, platform)
  const { db } = deps.store
  const person = new Person()
  const home = await person.follow(await person.open(`${issuer}/account`))
  await person.signIn(home, 'alice', platform.credentials.password('alice'))
  const consent = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  const next = locationOf(await person.submit(consent, 'Allow'))
  t.equal((await deps.artifacts.sessionsOf('acc-alice')).length, 1)

  const [changed, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const change = db.transaction().execute(async (trx) => {
    await deps.accounts.setPasswordHash('acc-alice', 'another', trx)
    await trx.deleteFrom('artifacts').where('account_id', '=', 'acc-alice').execute()
    changed.resolve()
    await mayCommit.promise
  })
  await changed.promise
  const headers = { host: next.host, cookie: person.jar.header(next) }
  const answer = app.inject({ method: 'GET', url: next.pathname, headers })
  const isWaiting = async (): Promise<boolean> => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    )
    return rows.length > 0
  }
  await until(isWaiting)
  mayCommit.resolve()
  await change
  t.notMatch((await answer).headers.location, 'code=')
  t.same(await deps.artifacts.sessionsOf('acc-alice'), [])
})
