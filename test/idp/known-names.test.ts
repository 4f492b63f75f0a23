import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import t from 'tap'
import { Clients } from '../../idp/clients/clients.ts'
import { KnownNames } from '../../idp/clients/known-names.ts'
import { idpMigrations } from '../../idp/storage/migrations.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'

t.test('a name that an operator gave is known in a moment, also when the clock was set back', async (t) => {
  const log = createLogger({ name: 'test', level: 'silent' })
  const store = await openStore<IdpTables>({ url: 'sqlite::memory:', migrations: idpMigrations, log })
  t.teardown(() => store.close())
  const clock = { time: 1_795_000_000_000, now: () => clock.time }
  const clients = new Clients({ store, clock })
  const names = new KnownNames({ clients, clock })
  t.equal(await names.faultOf('Payroll'), undefined)
  await clients.put({
    client_id: 'payroll',
    client_name: 'Payroll',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ['https://payroll.example/callback'],
    post_logout_redirect_uris: [],
    scope: 'openid',
  })
  t.equal(await names.faultOf('Payroll'), undefined, 'what was read a moment ago')
  clock.time -= 3_600_000
  t.match(await names.faultOf('Payroll'), /name of another application/)
})
