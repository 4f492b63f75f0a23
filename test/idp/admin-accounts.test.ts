import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { authorizeUrl, newPkce, newTokens, outcome, refresh } from './native.ts'
import { Person } from './person.ts'
import { withStore } from './registered.ts'

t.test('accounts: made with a password that is shown once, signed in with, found, deleted', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const made = await admin.send('POST', '/accounts', { username: 'Dora', email: 'dora@example.test' })
  t.match(made, { status: 201, body: { username: 'dora', roles: [], disabled: false } })
  const id = textField(made.body, 'id')
  const person = new Person()
  const page = await person.follow(await person.open(authorizeUrl(platform.config.issuer, newPkce())))
  t.match((await person.signIn(page, 'dora', textField(made.body, 'password'))).html, /Dora/)

  t.match((await admin.get('/accounts?username=DORA')).body, { items: [{ id }] })
  t.match((await admin.get(`/accounts/${id}`)).body, { email: 'dora@example.test' })
  t.match((await admin.get('/accounts?role=support')).body, { items: [{ username: 'carol' }] })
  t.equal((await admin.send('POST', '/accounts', { username: 'dora' })).status, 409)
  t.equal((await admin.send('POST', '/accounts', { username: 'x', password: 'short' })).status, 422)

  t.match((await admin.get(`/sessions?account=${id}`)).body, { items: [{ username: 'dora' }] })
  await withStore(platform, async ({ db }) => {
    const known = { sector: 'app.example', account_id: id, subject: 'pw_dora' }
    await db.insertInto('pairwise_subjects').values(known).execute()
  })
  t.equal((await admin.send('DELETE', `/accounts/${id}`)).status, 204)
  t.same((await admin.get(`/sessions?account=${id}`)).body, { items: [] })
  await withStore(platform, async ({ db }) => {
    t.same(await db.selectFrom('pairwise_subjects').selectAll().execute(), [], 'nor by other names')
  })
  t.equal((await admin.get(`/accounts/${id}`)).status, 404)
})

t.test(
  'disabling takes everything at once, and tells the gateways; enabling gives nothing back',
  async (t) => {
    const platform = await startPlatform({ only: ['idp'], t })
    const { issuer } = platform.config
    const admin = await Admin.of(platform)
    const { refreshToken } = await newTokens(platform)
    t.equal(listField((await admin.get('/grants?account=acc-alice')).body, 'items').length, 1)
    t.match(await admin.send('POST', '/accounts/acc-alice/disable'), {
      status: 200,
      body: { disabled: true },
    })
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    for (const list of ['grants', 'sessions']) {
      t.same((await admin.get(`/${list}?account=acc-alice`)).body, { items: [] }, list)
    }
    t.match(await admin.send('POST', '/accounts/acc-alice/enable'), {
      status: 200,
      body: { disabled: false },
    })
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    await withStore(platform, async ({ db }) => {
      const events = (await db.selectFrom('events').select('claims').execute()).map(({ claims }) => claims)
      t.equal(events.filter((event) => event.includes('account-disabled')).length, 1)
    })
  },
)

t.test('a grant and a session that are ended by name are gone', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const { refreshToken } = await newTokens(platform)
  const nameOf = async (list: string): Promise<string> =>
    textField(listField((await admin.get(`/${list}?q=alice`)).body, 'items')[0], 'id')
  const [grant, session] = [await nameOf('grants'), await nameOf('sessions')]
  t.equal((await admin.send('DELETE', `/grants/${grant}`)).status, 204)
  t.equal(await outcome(await refresh(platform.config.issuer, refreshToken)), '400 invalid_grant')
  t.equal((await admin.send('DELETE', `/grants/${grant}`)).status, 404)
  t.equal((await admin.send('DELETE', `/sessions/${session}`)).status, 204)
  t.same((await admin.get('/sessions')).body, { items: [] })
})

t.test('roles: set against a known state, told in an event, counted', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const etag = (await admin.get('/accounts/acc-bob')).headers.get('etag') ?? ''
  const set = (roles: readonly string[]) =>
    admin.send('PUT', '/accounts/acc-bob/roles', { roles }, { 'if-match': etag })
  t.match(await set(['support', 'customer', 'support']), { body: { roles: ['customer', 'support'] } })
  t.equal((await set([])).status, 412, 'somebody else was faster')
  t.equal((await admin.send('PUT', '/accounts/acc-bob/roles', { roles: ['no spaces'] })).status, 422)
  t.match((await admin.get('/roles')).body, {
    items: [{ role: 'admin' }, { role: 'customer', accounts: 2 }, { role: 'support', accounts: 2 }],
  })
})
