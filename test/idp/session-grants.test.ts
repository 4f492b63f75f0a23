import { sql } from 'kysely'
import t from 'tap'
import { endLoginPath, sessionsResource } from '@gatehouse/kit/logout/protocol'
import { buildDeps } from '../../idp/deps.ts'
import { jwtParts, startPlatform, type Platform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { newTokens } from './native.ts'
import { withStore } from './registered.ts'
import { WebClient } from './web.ts'

/** A browser in which alice has signed in to two clients, and what the second one knows it by. */
async function signedIn(platform: Platform) {
  const { person } = await newTokens(platform)
  const web = new WebClient(platform)
  const scope = 'openid orders:read'
  const tokens: unknown = await (await web.redeem(await web.authorize({ scope }, { person }))).json()
  const { sub, sid } = jwtParts(textField(tokens, 'id_token')).payload
  return { web, login: { sub: String(sub), sid: String(sid) } }
}

t.test('a server that dies right after it has ended a session has ended its grants', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  await signedIn(platform)
  const admin = await Admin.of(platform)
  const [session] = listField((await admin.get('/sessions?account=acc-alice')).body, 'items')
  t.equal(listField((await admin.get('/grants?account=acc-alice')).body, 'items').length, 2)
  const deps = await buildDeps(contextOf(platform))
  t.teardown(() => deps.close())
  const isEnded = await deps.store.db
    .transaction()
    .execute((trx) => deps.sessions.endIn(trx, textField(session, 'id')))
  t.ok(isEnded)
  t.same((await admin.get('/grants?account=acc-alice')).body, { items: [] })
  const events = await deps.store.db.selectFrom('events').select('claims').execute()
  for (const type of ['grant-revoked', 'session-revoked'])
    t.equal(events.filter(({ claims }) => claims.includes(type)).length, 2, type)
})

t.test('a login that a client ends is on record, or goes on', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { web, login } = await signedIn(platform)
  const ask = { grant_type: 'client_credentials', resource: sessionsResource }
  const token = textField(await (await web.post('/oauth/token', ask)).json(), 'access_token')
  const end = async () => {
    const headers = { authorization: `Bearer ${token}` }
    const url = platform.config.issuer + endLoginPath
    return (await fetch(url, { method: 'POST', body: new URLSearchParams(login), headers })).status
  }
  await withStore(platform, async ({ db }) => {
    await sql`alter table audit rename to audit_away`.execute(db)
    t.equal(await end(), 500)
    await sql`alter table audit_away rename to audit`.execute(db)
  })
  const admin = await Admin.of(platform)
  t.equal(
    listField((await admin.get('/grants?account=acc-alice')).body, 'items').length,
    2,
    'nothing has ended',
  )
  t.equal(await end(), 204)
  t.same((await admin.get('/grants?account=acc-alice')).body, { items: [] })
  const [entry] = listField((await admin.get('/audit?limit=1')).body, 'items')
  t.match(entry, { action: 'session.ended', subject: 'acc-alice' })
})
