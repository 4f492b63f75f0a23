import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { isRecord, listField } from '../harness/json.ts'
import { Admin } from './admin.ts'
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
