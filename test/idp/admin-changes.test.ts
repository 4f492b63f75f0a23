import t from 'tap'
import { isRecord, jwtParts, startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { adminRoutes } from '../../idp/admin/routes.ts'
import { changesOf } from './admin-table.ts'
import { Admin } from './admin.ts'
import { clientAssertionOf, keyedClient, withClientsConfig } from './keyed-client.ts'
import { authorize, authorizeUrl, newPkce, newTokens, tokenRequest } from './native.ts'

const adminResource = 'urn:gatehouse:admin'
const application = await keyedClient('console', { scope: 'openid admin:read admin:write' })
const discreet = await keyedClient('discreet', {
  scope: 'openid admin:read admin:write',
  subject_type: 'pairwise',
})
const config = withClientsConfig([application, discreet])
const platform = await startPlatform({ only: ['idp'], t, config })

/** The admin API as a person uses it, who signed in at an application that is registered for it. */
async function adminAs(username: string, client = application): Promise<Admin> {
  const { issuer } = platform.config
  const pkce = newPkce()
  const redirect_uri = `https://${client.id}.example/cb`
  const asked = {
    client_id: client.id,
    redirect_uri,
    scope: 'openid admin:read admin:write',
    resource: adminResource,
  }
  const { callback } = await authorize(platform, authorizeUrl(issuer, pkce, asked), { username })
  const answer = await tokenRequest(issuer, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? callback.href,
    redirect_uri,
    code_verifier: pkce.verifier,
    resource: adminResource,
    ...(await clientAssertionOf(client, issuer)),
  })
  const token = textField(await answer.json(), 'access_token')
  t.match(jwtParts(token).payload, { aud: adminResource, client_id: client.id })
  return new Admin(platform.url('idp', 'admin'), token)
}

const machine = await Admin.of(platform)
const changes = changesOf(machine)

const auditTrail = async (): Promise<readonly unknown[]> =>
  listField((await machine.get('/audit?limit=100')).body, 'items')

t.test('a person with the role changes everything, and each change is on record once', async (t) => {
  const admin = await adminAs('admin')
  await newTokens(platform)
  const unsafe = adminRoutes.filter(({ method }) => method !== 'GET')
  t.same(
    unsafe.map(({ method, path }) => `${method} ${path}`).toSorted(),
    Object.keys(changes).toSorted(),
    'every route that changes something is here',
  )
  for (const [name, change] of Object.entries(changes)) {
    const [method = '', template = ''] = name.split(' ')
    const path = change.path === undefined ? template : await change.path()
    const before = (await auditTrail()).length
    const answer = await admin.send(method, path, change.body)
    t.ok([200, 201, 204].includes(answer.status), `${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
    const trail = await auditTrail()
    t.equal(trail.length, before + 1, `${name}: one entry`)
    t.match(trail[0], { action: change.action, actor: 'acc-admin', txn: /^txn_/ }, name)
  }
})

t.test('on record is the account, whatever the application calls its person', async (t) => {
  const admin = await adminAs('admin', discreet)
  t.equal((await admin.send('PUT', '/accounts/acc-bob/claims', { locale: 'fr-CA' })).status, 200)
  t.match((await auditTrail())[0], { action: 'account.claims_set', actor: 'acc-admin' })
})

t.test('what is refused changes nothing', async (t) => {
  const bob = await adminAs('bob')
  const before = await auditTrail()
  for (const route of adminRoutes) {
    const answer = await bob.send(route.method, route.path, route.body === undefined ? undefined : {})
    t.match(
      [answer.status, isRecord(answer.body) && answer.body['code']],
      [403, 'insufficient_role'],
      route.path,
    )
  }
  t.same(await auditTrail(), before)
})

t.test('lists are paged and searched, and a filter that is not known is refused', async (t) => {
  const lists = ['/clients', '/accounts', '/grants', '/sessions', '/audit']
  for (const path of lists) {
    await newTokens(platform)
    const page = await machine.get(`${path}?limit=1`)
    t.equal(listField(page.body, 'items').length, 1, path)
    t.equal((await machine.get(`${path}?q=no-such-thing`)).status, 200, `${path} can be searched`)
    t.same(
      listField((await machine.get(`${path}?q=no-such-thing`)).body, 'items'),
      [],
      `${path} finds what is asked for`,
    )
    t.equal((await machine.get(`${path}?userame=x`)).status, 400, `${path}: a misspelt filter`)
  }
})

t.test('nothing changes for who has seen another state of an account or a client', async (t) => {
  for (const { body, path } of [
    { path: '/accounts', body: { username: 'dora' } },
    { path: '/clients', body: { client_id: 'a', scope: 'orders:read' } },
  ])
    t.equal((await machine.send('POST', path, body)).status, 201)
  const before = await auditTrail()
  for (const [name, change] of Object.entries(changes)) {
    const [method = '', template = ''] = name.split(' ')
    if (!/^\/(accounts|clients)\/:/.test(template)) continue
    const path = change.path === undefined ? template : await change.path()
    const answer = await machine.send(method, path, change.body, { 'if-match': '"another"' })
    t.match(answer, { status: 412, body: { code: 'precondition_failed' } }, name)
  }
  t.same(await auditTrail(), before)
})

t.test('who was shut out, or lost the role, administers nothing with the token of before', async (t) => {
  const refusal = async (admin: Admin) => {
    const { status, body } = await admin.send('POST', '/accounts/acc-admin/enable')
    return `${status} ${String(Object(body).code)}`
  }
  const refused = '401 invalid_token'
  const admin = await adminAs('admin')
  t.equal((await admin.get('/clients')).status, 200)
  t.equal((await machine.send('POST', '/accounts/acc-admin/disable')).status, 200)
  t.equal(await refusal(admin), refused, 'nor lets itself in again')
  t.equal((await machine.send('POST', '/accounts/acc-admin/enable')).status, 200)
  t.equal(await refusal(admin), refused, 'what was taken is not given back')

  const other = await adminAs('admin')
  const roles = (...list: string[]) => machine.send('PUT', '/accounts/acc-admin/roles', { roles: list })
  t.equal((await roles('support')).status, 200)
  t.equal(await refusal(other), refused)
  t.equal((await roles('admin')).status, 200)

  const third = await adminAs('admin')
  const grants = listField((await machine.get('/grants?account=acc-admin&client=console')).body, 'items')
  for (const grant of grants) await machine.send('DELETE', `/grants/${textField(grant, 'id')}`)
  t.equal(await refusal(third), refused, 'its grant was taken back')
})

t.test('nor does a client that was removed, or gave its token back', async (t) => {
  const { issuer } = platform.config
  const body = { client_id: 'helper', grant_types: ['client_credentials'], scope: 'admin:read' }
  const secret = textField((await machine.send('POST', '/clients', body)).body, 'client_secret')
  const basic = { id: 'helper', secret }
  const asked = { grant_type: 'client_credentials', resource: adminResource }
  const newToken = async () =>
    textField(await (await tokenRequest(issuer, asked, basic)).json(), 'access_token')
  const [one, two] = [await newToken(), await newToken()]
  const statusOf = async (token: string) =>
    (await new Admin(platform.url('idp', 'admin'), token).get('/clients')).status
  t.same([await statusOf(one), await statusOf(two)], [200, 200])
  const authorization = `Basic ${Buffer.from(`helper:${secret}`).toString('base64')}`
  const given = { method: 'POST', headers: { authorization }, body: new URLSearchParams({ token: one }) }
  t.equal((await fetch(`${issuer}/oauth/revoke`, given)).status, 200)
  t.same([await statusOf(one), await statusOf(two)], [401, 200])
  t.equal((await machine.send('DELETE', '/clients/helper')).status, 204)
  t.equal(await statusOf(two), 401)
})
