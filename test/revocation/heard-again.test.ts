import t from 'tap'
import { disableAccount, enableAccount } from '../../idp/accounts/standing.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { contextOf } from '../idp/context.ts'

t.test(
  'an event that is heard again ends no session that began after it',
  { timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ t })
    const idp = await buildDeps(contextOf(platform))
    t.teardown(() => idp.close())
    const change = (run: typeof disableAccount) =>
      idp.store.db.transaction().execute((trx) => run(trx, idp, 'acc-bob'))
    const before = await platform.signIn('bob')
    t.equal((await before.fetch('/auth/session')).status, 200)
    await change(disableAccount)
    await change(enableAccount)
    // The issue of a token is told in whole seconds.
    platform.clock.advance(1000)
    const after = await platform.signIn('bob')
    t.equal((await after.fetch('/auth/session')).status, 200)

    // What was taken away within the life of a token is heard again at each start.
    await platform.restart('gateway')
    await platform.ready()
    t.equal((await before.fetch('/auth/session')).status, 401)
    t.equal((await after.fetch('/auth/session')).status, 200)
  },
)
