import { sql } from 'kysely'
import t from 'tap'
import { isRecord, startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { withStore } from './registered.ts'

const metadata = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }

t.test('clients that register themselves are on record, or are not there', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: 'idp: { registration: { who: anyone } }' })
  const { issuer } = platform.config
  const send = (method: string, url: string, token?: string, body?: unknown) =>
    fetch(url, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const answer: unknown = await (await send('POST', `${issuer}/oauth/register`, '', metadata)).json()
  const id = textField(answer, 'client_id')
  const url = textField(answer, 'registration_client_uri')
  const changed = { ...metadata, client_id: id, client_name: 'Another' }
  const updated = await send('PUT', url, textField(answer, 'registration_access_token'), changed)
  t.equal(updated.status, 200)
  const token = textField(await updated.json(), 'registration_access_token')
  t.equal((await send('DELETE', url, token)).status, 204)
  const admin = await Admin.of(platform)
  const trail = listField((await admin.get(`/audit?q=${id}`)).body, 'items').filter(isRecord)
  t.same(
    trail.map(({ action, actor, subject }) => [action, actor, subject]),
    ['client.deleted', 'client.updated', 'client.registered'].map((action) => [action, id, id]),
  )
  t.ok(trail.every(({ txn }) => String(txn).startsWith('txn_')))

  await withStore(platform, async ({ db }) => {
    const count = async () => (await db.selectFrom('clients').select('client_id').execute()).length
    const before = await count()
    await sql`alter table audit rename to audit_away`.execute(db)
    const failed = await send('POST', `${issuer}/oauth/register`, '', metadata)
    await sql`alter table audit_away rename to audit`.execute(db)
    t.ok(failed.status >= 500, String(failed.status))
    t.equal(await count(), before)
  })
})
