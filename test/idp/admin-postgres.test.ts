import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField } from '../harness/json.ts'
import { postgresFor } from '../harness/postgres.ts'
import { Admin } from './admin.ts'
import { newTokens } from './native.ts'

t.test('the admin API on PostgreSQL: every list, and changes', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const store = await postgres.createDatabase()
  const platform = await startPlatform({ only: ['idp'], t, config: `idp: { store: '${store}' }` })
  const admin = await Admin.of(platform)
  await newTokens(platform)
  for (const list of ['clients', 'accounts', 'grants', 'sessions', 'audit']) {
    const page = await admin.get(`/${list}?limit=1&q=A`)
    t.equal(listField(page.body, 'items').length, 1, list)
  }
  t.match((await admin.get('/roles')).body, { items: [{ role: 'admin', accounts: 1 }, { accounts: 2 }] })
  t.match((await admin.get('/accounts?role=support')).body, { items: [{ username: 'carol' }] })
  t.equal((await admin.send('PUT', '/accounts/acc-bob/roles', { roles: ['support'] })).status, 200)
  t.equal((await admin.send('POST', '/clients', { client_id: 'pg' })).status, 201)
  t.equal((await admin.send('POST', '/clients', { client_id: 'pg' })).status, 409)
  t.equal((await admin.send('DELETE', '/clients/pg')).status, 204)
  t.equal((await admin.send('POST', '/accounts/acc-alice/disable')).status, 200)
  t.same((await admin.get('/sessions')).body, { items: [] })
  t.match(await admin.send('POST', '/keys/rotate', {}), { status: 200, body: { items: { length: 3 } } })
  t.match((await admin.get('/audit/verify')).body, { ok: true })
})
