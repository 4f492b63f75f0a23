import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { isRecord, jwtParts, listField } from '../harness/json.ts'
import { Admin, adminToken } from './admin.ts'

t.test('who may use the admin API, and for what', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const origin = platform.url('idp', 'admin')
  const reader = await adminToken(platform, 'admin:read')
  t.match(jwtParts(reader).payload, {
    aud: 'urn:gatehouse:admin',
    scope: 'admin:read',
    client_id: 'gatehouse-cli',
  })
  const read = new Admin(origin, reader)
  t.equal((await read.get('/clients')).status, 200)
  const refused = await read.send('POST', '/clients', { nonsense: true })
  t.match(refused, { status: 403, body: { code: 'insufficient_scope' } }, 'before the body is looked at')
  t.match(refused.headers.get('www-authenticate'), /scope="admin:write"/)

  t.equal((await new Admin(origin, '').get('/clients')).status, 401, 'no token')
  const foreign = await platform.token()
  t.match(await new Admin(origin, foreign).get('/clients'), { status: 401, body: { code: 'invalid_token' } })
  const asked = await platform.requestToken({ resource: 'urn:gatehouse:admin' })
  t.match(
    [asked.status, await asked.json()],
    [400, { error: 'invalid_target' }],
    'other clients get no token',
  )
  platform.clock.advance(6 * 60_000)
  t.equal((await read.get('/clients')).status, 401, 'expired')
})

t.test('every change is on record with who made it; the log can be read and checked', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  await admin.send('POST', '/clients', { client_id: 'a', scope: 'orders:read' })
  await admin.send('PATCH', '/clients/a', { client_name: 'A' })
  await admin.send('DELETE', '/clients/a')
  const page = await admin.get('/audit?limit=3')
  const actions = listField(page.body, 'items').map((entry) => isRecord(entry) && entry['action'])
  t.same(actions, ['client.deleted', 'client.updated', 'client.created'])
  t.match(page.body, { items: [{ actor: 'gatehouse-cli', subject: 'a', txn: /^txn_/ }] })
  t.match((await admin.get('/audit?q=client.updated')).body, {
    items: [{ details: { members: ['client_name'] } }],
  })
  t.match((await admin.get('/audit/verify')).body, { ok: true, head: { count: Number } })
})

t.test('the description names every route with the scope it needs', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const response = await fetch(`${platform.url('idp', 'admin')}/admin/v1/openapi.json`)
  const description: unknown = await response.json()
  t.match(description, { openapi: '3.1.0' })
  const paths = isRecord(description) && isRecord(description['paths']) ? description['paths'] : {}
  for (const list of ['clients', 'accounts', 'roles', 'grants', 'sessions', 'keys', 'audit']) {
    t.match(paths[`/admin/v1/${list}`], { get: { security: [{ admin: ['admin:read'] }] } }, list)
  }
  t.match(paths['/admin/v1/clients/{client_id}'], { patch: { security: [{ admin: ['admin:write'] }] } })
})
