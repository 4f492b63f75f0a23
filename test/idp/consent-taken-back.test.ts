import { sql } from 'kysely'
import t from 'tap'
import { allowOnRecord } from '../../idp/consents/on-record.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { authorize, authorizeUrl, nativeClient, newPkce, newTokens } from './native.ts'
import { locationOf, Person } from './person.ts'
import { withStore } from './registered.ts'

const accountId = 'acc-alice'
const clientId = nativeClient

t.test('a grant without its consent, or a consent without its grant, is not kept', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  await authorize(platform, authorizeUrl(issuer, newPkce()), { username: 'bob' })
  const person = new Person()
  const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
  await withStore(platform, async ({ db }) => {
    // There is one already.
    await sql`create unique index one_grant on artifacts (model) where model = 'Grant'`.execute(db)
    t.equal((await person.submit(consent, 'Allow')).status, 500)
    const rows = await db.selectFrom('consents').select('account_id').execute()
    t.same(rows, [{ account_id: 'acc-bob' }])
    await sql`drop index one_grant`.execute(db)
    const end = await person.follow(await person.submit(consent, 'Allow'))
    t.ok(locationOf(end).searchParams.has('code'))
  })
})

t.test('what is taken back while more is allowed does not come back with it', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  await newTokens(platform)
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const [kept] = await deps.artifacts.ofAccount('Grant', accountId)
  const grant = await deps.host.provider.Grant.find(kept?.jti ?? '')
  if (grant === undefined) throw new Error('there is no grant')
  await deps.store.db.transaction().execute(async (trx) => {
    await deps.consents.forget(accountId, clientId, trx)
    await deps.artifacts.revokeClientOf(accountId, clientId, trx)
  })
  grant.addResourceScope('urn:gatehouse:api', 'users:read')
  const allowed = allowOnRecord(deps, { accountId, clientId, grant }, { action: 'consent.granted' })
  await t.rejects(allowed, { name: 'SessionNotFound' })
  t.same(await deps.artifacts.ofAccount('Grant', accountId), [])
  t.same(await deps.consents.list(accountId), [])
})

t.test('what was allowed in one browser stays on record when more is allowed in another', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { person: first } = await newTokens(platform, { scope: 'openid orders:read' })
  await newTokens(platform, { scope: 'openid orders:read orders:write' })
  const url = authorizeUrl(platform.config.issuer, newPkce(), { scope: 'openid users:read' })
  await authorize(platform, url, { person: first })
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const consents = await deps.consents.list(accountId)
  t.same(
    consents
      .flatMap((consent) => Object.values(consent.resourceScopes))
      .flatMap((scope) => scope.split(' ').toSorted()),
    ['orders:read', 'orders:write', 'users:read'],
  )
})

t.test('nothing is kept of what is allowed while its client, or the account, is removed', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  for (const path of [`/clients/${clientId}`, `/accounts/${accountId}`]) {
    const grant = new deps.host.provider.Grant({ accountId, clientId })
    grant.addOIDCScope('openid')
    t.equal((await admin.send('DELETE', path)).status, 204)
    const allowed = allowOnRecord(deps, { accountId, clientId, grant }, { action: 'consent.granted' })
    await t.rejects(allowed, { name: 'SessionNotFound' }, path)
    t.same(await deps.consents.list(accountId), [])
    if (path.startsWith('/clients')) await admin.send('POST', '/clients', { client_id: clientId })
  }
})
