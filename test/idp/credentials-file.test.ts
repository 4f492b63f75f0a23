import { readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'

t.test('the file of the first start shows nothing that does not work any more', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const file = platform.paths.credentials
  const text = () => readFileSync(file, 'utf8')
  const shown = () => {
    const content: unknown = JSON.parse(text())
    const named = (list: string, key: string) =>
      listField(content, list).map((entry) => textField(entry, key))
    return [...named('users', 'username'), ...named('clients', 'client_id')]
  }
  const first = text()
  const { body } = await admin.send('POST', '/accounts', { username: 'dora' })
  await admin.send('POST', `/accounts/${textField(body, 'id')}/password`, {})
  await admin.send('POST', '/accounts/acc-alice/disable')
  await admin.send('POST', '/accounts/acc-alice/enable')
  t.equal(text(), first, "what it says is so after others' changes")

  t.equal((await admin.send('POST', '/accounts/acc-bob/password', {})).status, 200)
  t.strictSame(shown(), ['alice', 'carol', 'admin', 'demo-machine'])
  t.equal((await admin.send('DELETE', '/accounts/acc-carol')).status, 204)
  t.strictSame(shown(), ['alice', 'admin', 'demo-machine'])
  t.equal((await admin.send('POST', '/clients/demo-machine/secret')).status, 200)
  t.strictSame(shown(), ['alice', 'admin'])
  t.equal(statSync(file).mode & 0o777, 0o600)
  await platform.restart('idp')
  t.strictSame(shown(), ['alice', 'admin'])
})

t.test('a deleted client is forgotten; what somebody else wrote there is left alone', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const file = platform.paths.credentials
  t.equal((await admin.send('DELETE', '/clients/demo-machine')).status, 204)
  t.strictSame(listField(JSON.parse(readFileSync(file, 'utf8')), 'clients'), [])
  for (const text of ['{', '{"users":[{"username":"bob"}]}']) {
    writeFileSync(file, text)
    t.equal((await admin.send('POST', '/accounts/acc-bob/password', {})).status, 200)
    t.equal(readFileSync(file, 'utf8'), text)
  }
})
