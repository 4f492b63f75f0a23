import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { postgresFor, query } from '../harness/postgres.ts'
import {
  authorizeUrl,
  newCode,
  newPkce,
  newTokens,
  outcome,
  redirectUri,
  refresh,
  tokenRequest,
} from './native.ts'
import { Person } from './person.ts'

const twenty = Array.from({ length: 20 })

t.test('on PostgreSQL', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const store = await postgres.createDatabase()
  const platform = await startPlatform({ only: ['idp'], t, config: `idp: { store: '${store}' }` })
  const { issuer } = platform.config

  await t.test('a code counts once', async (t) => {
    const { params } = await newCode(platform)
    const all = await Promise.all(twenty.map(async () => outcome(await tokenRequest(issuer, params))))
    t.equal(all.filter((one) => one === '200').length, 1)
    t.equal(all.filter((one) => one === '400 invalid_grant').length, 19)
  })

  await t.test('what was begun goes on after a restart', async (t) => {
    const { refreshToken } = await newTokens(platform)
    await platform.restart('idp')
    t.equal(await outcome(await refresh(issuer, refreshToken)), '200')
  })

  await t.test('without its store the IdP says so, and when to come back', async (t) => {
    const person = new Person()
    const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
    t.equal(login.status, 200)
    await query(postgres.url, `drop database ${new URL(store).pathname.slice(1)} with (force)`)

    const basic = Buffer.from('demo-machine:secret').toString('base64')
    for (const [path, body] of [
      ['/oauth/token', { grant_type: 'client_credentials' }],
      ['/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' }],
      ['/oauth/par', { response_type: 'code', redirect_uri: redirectUri }],
      ['/oauth/introspect', { token: 'x' }],
      ['/oauth/revoke', { token: 'x' }],
    ] as const) {
      const response = await fetch(new URL(path, issuer), {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams(body),
      })
      t.equal(response.status, 503, path)
      t.ok(Number(response.headers.get('retry-after')) > 0, path)
      t.equal(textField(await response.json(), 'error'), 'temporarily_unavailable')
    }
    for (const url of [authorizeUrl(issuer, newPkce()), login.url]) {
      const seen = await person.open(url)
      t.equal(seen.status, 503, `${new URL(url).pathname.split('/')[1]}: a page`)
      t.ok(Number(seen.headers.get('retry-after')) > 0)
      t.match(seen.html, /Not available just now/)
      t.notOk(seen.headers.has('location'))
    }
    const submitted = await person.submit(login, 'Sign in', { username: 'alice', password: 'x' })
    t.equal(submitted.status, 503)
    const ready = await fetch(new URL('/readyz', platform.url('idp', 'admin')))
    t.equal(ready.status, 503, 'not ready')
  })
})
