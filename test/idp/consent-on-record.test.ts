import { sql } from 'kysely'
import t from 'tap'
import { accountSignInUrl } from '../../idp/account/client.ts'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, nativeClient, newPkce } from './native.ts'
import { locationOf, Person } from './person.ts'
import { withStore } from './registered.ts'

t.test('what a person allows and cannot be put on record is not allowed', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  await withStore(platform, async ({ db }) => {
    const allowed = async () => ({
      consents: await db.selectFrom('consents').select('client_id').execute(),
      grants: await db.selectFrom('artifacts').select('client_id').where('model', '=', 'Grant').execute(),
    })
    await sql`alter table audit rename to audit_away`.execute(db)
    t.equal((await person.submit(consent, 'Allow')).status, 500)
    t.same(await allowed(), { consents: [], grants: [] })
    await sql`alter table audit_away rename to audit`.execute(db)
    const end = await person.follow(await person.submit(consent, 'Allow'))
    t.ok(locationOf(end).searchParams.has('code'), 'once it can be')
    t.same(await allowed(), {
      consents: [{ client_id: nativeClient }],
      grants: [{ client_id: nativeClient }],
    })
  })
})

t.test('the account pages, which no table has among the clients, may be allowed as well', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  const asked = await person.open(`${issuer}${accountSignInUrl(issuer)}&prompt=consent`)
  const login = await person.follow(asked)
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  t.match((await person.submit(consent, 'Allow')).headers.get('location'), /\/oauth\/authorize\//)
})
