import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRecord, listField, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { authorizeUrl, newCode, newPkce, newTokens, outcome, tokenRequest } from './native.ts'
import { Person } from './person.ts'
import { WebClient } from './web.ts'

const canary = 'canary-f7Qz-password-2b9x'

t.test('whoever gets the database or the logs gets nothing to use', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const web = new WebClient(platform)
  const { code, params, person } = await newCode(platform)
  t.equal(await outcome(await tokenRequest(issuer, params)), '200')
  const unused = await newCode(platform)
  const native = await newTokens(platform)
  const webTokens: unknown = await (await web.redeem(await web.authorize())).json()
  const pushed = await web.pushedUrl(newPkce())
  const device: unknown = await (
    await fetch(new URL('/oauth/device', issuer), {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'demo-native', scope: 'openid' }),
    })
  ).json()
  const guest = new Person()
  const login = await guest.follow(await guest.open(authorizeUrl(issuer, newPkce())))
  await guest.submit(login, 'Sign in', { username: 'alice', password: canary })
  const credentials: unknown = JSON.parse(readFileSync(platform.paths.credentials, 'utf8'))

  const secrets: Record<string, string> = {
    'used code': code,
    'unused code': unused.code,
    'refresh token': native.refreshToken,
    'refresh token of the gateway': textField(webTokens, 'refresh_token'),
    'access token': native.accessToken,
    'ID token': native.idToken,
    'pushed request': (pushed.searchParams.get('request_uri') ?? '').split(':').at(-1) ?? '',
    'device code': textField(device, 'device_code'),
    'user code': textField(device, 'user_code').replace('-', ''),
    'session cookie': person.jar.get('__Host-idp-session') ?? '',
    interaction: login.url.pathname.split('/')[2] ?? '',
    'password that was typed': canary,
    'client secret': platform.credentials.clientSecret('demo-machine') ?? '',
    'private key of a client': textField(
      JSON.parse(readFileSync(platform.paths.gatewayClientKey, 'utf8')),
      'd',
    ),
    'e-mail': 'alice@example.test',
    'phone number': '555 555 0100',
    'private key in PEM': 'PRIVATE KEY',
  }
  for (const user of listField(credentials, 'users')) {
    secrets[`password of ${textField(user, 'username')}`] = textField(user, 'password')
  }
  const { dir } = platform.paths
  // The write-ahead log is beside the file; both are what a copy of the disk has.
  const dump = readdirSync(dir)
    .filter((name) => name.startsWith('idp.sqlite'))
    .map((name) => readFileSync(join(dir, name)).toString('latin1'))
    .join('\n')
  const log = platform.logs().join('\n')
  t.ok(dump.includes('acc-alice') && log.includes('/oauth/token'), 'we look at the right things')
  for (const [what, secret] of Object.entries(secrets)) {
    if (secret.length < 8) throw new Error(`no ${what} to look for`)
    t.notOk(dump.includes(secret), `${what} is not in the database`)
    t.notOk(log.includes(secret), `${what} is not in the logs`)
  }
  t.ok(isRecord(credentials))
  for (const file of [platform.paths.credentials, join(dir, 'idp.sqlite')]) {
    t.equal(statSync(file).mode & 0o077, 0, `${file} is for its owner only`)
  }
})
