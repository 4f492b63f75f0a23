import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { registerConfigured } from '../../idp/bootstrap/configured-clients.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { isRecord, listField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { withClientsConfig } from './keyed-client.ts'
import { outcome, tokenRequest } from './native.ts'
import { withClients } from './registered.ts'

const file = join(t.testdir({}), 'secret')
const client = {
  client_id: 'partner',
  token_endpoint_auth_method: 'client_secret_basic',
  client_secret: `\${file:${file}}`,
  grant_types: ['client_credentials'],
  scope: 'orders:read',
}

t.test('clients of the configuration: made and followed at start, each change on record once', async (t) => {
  const secret = 'a-secret-of-the-partner-long-enough-1'
  writeFileSync(file, secret, { mode: 0o600 })
  const platform = await startPlatform({ only: ['idp'], t, config: withClientsConfig([{ entry: client }]) })
  const trail = async () => {
    const admin = await Admin.of(platform)
    const entries = listField((await admin.get('/audit?q=configuration')).body, 'items').filter(isRecord)
    return entries.map(({ action, actor, subject }) => [action, actor, subject])
  }
  const made = ['client.created', 'configuration', 'partner']
  const changed = ['client.updated', 'configuration', 'partner']
  const works = async () =>
    outcome(
      await tokenRequest(
        platform.config.issuer,
        { grant_type: 'client_credentials' },
        { id: 'partner', secret },
      ),
    )
  t.equal(await works(), '200')
  t.same(await trail(), [made])
  await platform.restart('idp')
  t.same(await trail(), [made], 'nothing changed, nothing is on record')
  await withClients(platform, async (clients) => {
    const record = await clients.find('partner')
    if (record !== undefined) await clients.put({ ...record, client_name: 'Other' }, 'another secret')
  })
  t.equal(await works(), '401 invalid_client')
  await platform.restart('idp')
  t.equal(await works(), '200')
  t.same(await trail(), [changed, made])
})

/** Entries of the right shape whose members do not go together, and what is said of each. */
const unusable: readonly (readonly [object, RegExp])[] = [
  [{ grant_types: ['authorization_code'] }, /idp\.clients: partner: redirect_uris must contain members/],
  [{ token_endpoint_auth_method: 'private_key_jwt' }, /partner: jwks or jwks_uri is mandatory/],
  [{ token_endpoint_auth_method: 'private_key_jwt', jwks: '{"keys":{}}' }, /partner: jwks is not valid/],
  [{ client_secret: undefined }, /partner: client_secret is missing/],
  [
    { redirect_uris: ['https://a.example/#here'], grant_types: ['authorization_code'] },
    /partner: redirect_uris must not/,
  ],
]

t.test('an entry that could not be used is a fault at the start, not of each of its requests', async (t) => {
  writeFileSync(file, 'a-secret-of-the-partner-long-enough-1', { mode: 0o600 })
  for (const [changes, message] of unusable) {
    const config = withClientsConfig([{ entry: { ...client, ...changes } }])
    await t.rejects(startPlatform({ only: ['idp'], t, config }), {
      name: 'StartError',
      message,
      hint: /entry/,
    })
  }
})

t.test('a secret that was made elsewhere may be left out', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const context = contextOf(platform)
  const { protocol } = context.config.idp
  const entry = {
    client_id: 'partner',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    scope: 'orders:read',
  } as const
  const config = {
    ...context.config,
    idp: { ...context.config.idp, protocol: { ...protocol, clients: [entry] } },
  }
  const deps = await buildDeps(context)
  t.teardown(() => deps.close())
  const follow = () => registerConfigured({ ...context, config }, deps)
  await t.rejects(follow(), { name: 'StartError', message: /partner: client_secret is missing/ })
  const admin = await Admin.of(platform)
  t.equal((await admin.send('POST', '/clients', { ...entry, client_name: 'Partner' })).status, 201)
  const { client_secret: made } = { ...(await deps.clients.forProvider('partner')) }
  await follow()
  t.match(await deps.clients.forProvider('partner'), { client_name: 'partner', client_secret: made })
})
