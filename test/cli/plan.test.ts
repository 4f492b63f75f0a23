import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { composeConfig } from '../harness/config.ts'
import { outcome, tokenRequest } from '../idp/native.ts'
import { cliFor, jsonLines } from './admin.ts'

const secret = 'a-secret-of-the-reports-long-enough-1'
const declared = `
idp:
  clients:
    - client_id: reports
      token_endpoint_auth_method: client_secret_basic
      client_secret: ${secret}
      grant_types: [client_credentials]
      scope: orders:read
  roles: { support: [alice, carol] }
`

t.test('plan shows what differs, apply makes it so, once', async (t) => {
  const { platform, cli } = await cliFor(t)
  const file = join(platform.paths.dir, 'declared.yaml')
  writeFileSync(file, composeConfig(declared))
  const before = await cli(`plan ${file} --check --json`)
  t.equal(before.code, 2)
  t.match(jsonLines(before), [
    { event: 'difference', kind: 'client', action: 'create', name: 'reports' },
    { action: 'delete', name: 'demo-machine', prune: true },
    { action: 'delete', name: 'demo-machine-jwt', prune: true },
    { action: 'delete', name: 'demo-native', prune: true },
    { kind: 'role', action: 'give', name: 'alice', members: { role: 'support' } },
    { event: 'planned', differences: 2 },
  ])
  t.match((await cli('clients show reports')).code, 1, 'planning makes nothing')
  t.match(await cli(`apply ${file}`), { code: 0, out: '+ client reports\n+ role support: alice\n2 done\n' })
  t.equal((await cli(`plan ${file} --check`)).code, 0)
  t.match(await cli(`apply ${file}`), { code: 0, out: 'nothing to do\n' })
  t.match((await cli('accounts show alice')).out, /roles: customer,support\n/)

  writeFileSync(file, composeConfig(declared.replace('orders:read', 'users:read').replace('alice, ', '')))
  t.match((await cli(`plan ${file}`)).out, /~ client reports\n {4}scope: "users:read"\n/)
  t.match((await cli(`apply ${file}`)).out, /\n1 done\n/, 'nobody loses a role unasked')
  t.match(
    (await cli(`plan ${file} --prune`)).out,
    /\n4 to do: `apply --prune`\n$/,
    'apply alone does nothing',
  )
  t.match((await cli(`apply ${file} --prune`)).out, /- client demo-native\n- role support: alice\n4 done\n/)
  t.equal((await cli(`plan ${file} --check --prune`)).code, 0)
  t.equal((await cli('clients show gateway')).code, 0, 'what the server keeps itself is not pruned')
})

t.test('a role for nobody that is known', async (t) => {
  const { platform, cli } = await cliFor(t)
  const file = join(platform.paths.dir, 'declared.yaml')
  writeFileSync(file, composeConfig('idp: { roles: { support: [nobody] } }'))
  t.match(await cli(`apply ${file}`), {
    code: 1,
    err: /there is no account nobody.*\n.*accounts create nobody/,
  })
})

t.test('what is refused is told with the client that it is about', async (t) => {
  const { platform, cli } = await cliFor(t)
  const file = join(platform.paths.dir, 'declared.yaml')
  const short = declared.replace(secret, 'too-short')
  writeFileSync(file, composeConfig(short))
  t.match(await cli(`apply ${file}`), {
    code: 1,
    err: /^gatehouse: client reports: .*client_secret must be .*\n/,
  })
  const json = jsonLines(await cli(`apply ${file} --json`))
  t.match(json, [{ event: 'failed', message: /^client reports: / }])
})

t.test('a client comes to have the secret that the file gives it', async (t) => {
  const { platform, cli } = await cliFor(t)
  const file = join(platform.paths.dir, 'declared.yaml')
  const works = async () =>
    outcome(
      await tokenRequest(
        platform.config.issuer,
        { grant_type: 'client_credentials' },
        { id: 'reports', secret },
      ),
    )
  await cli(
    'clients create reports --auth none --grants authorization_code --redirect-uris https://a.example/cb',
  )
  writeFileSync(file, composeConfig(declared))
  const changed = await cli(`apply ${file}`)
  t.match(changed, { code: 0, out: /~ client reports\n/ })
  t.notMatch(changed.out, secret)
  t.equal(await works(), '200')
  await cli('clients delete reports')
  t.match(await cli(`apply ${file}`), { code: 0, out: /\+ client reports\n/ })
  t.equal(await works(), '200')
})

t.test('a secret that nobody would be told is not made', async (t) => {
  const { platform, cli } = await cliFor(t)
  const file = join(platform.paths.dir, 'declared.yaml')
  writeFileSync(file, composeConfig(declared.replace(`client_secret: ${secret}`, '')))
  const refused = { code: 1, err: /client reports: client_secret is missing\n.*clients create reports/ }
  t.match(await cli(`plan ${file}`), refused)
  t.match(await cli(`apply ${file}`), refused)
  t.equal((await cli('clients show reports')).code, 1)
  await cli(
    'clients create reports --auth none --grants authorization_code --redirect-uris https://a.example/cb',
  )
  t.match(await cli(`apply ${file}`), { code: 1, err: /clients update reports --auth client_secret_basic/ })
  t.match((await cli('clients update reports --auth client_secret_basic')).out, /client_secret: /)
  t.equal((await cli(`apply ${file}`)).code, 0, 'it has one')
})
