import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { postgresFor } from '../harness/postgres.ts'
import { Admin } from './admin.ts'
import { authorizeUrl, newPkce, nativeClient, tokenRequest } from './native.ts'
import { Person } from './person.ts'

const odd = 'a\u0000b'

t.test('PostgreSQL holds no NUL: who sends one is told so', { timeout: 240_000 }, async (t) => {
  const postgres = await postgresFor(t)
  if (postgres === undefined) return
  const store = await postgres.createDatabase()
  const platform = await startPlatform({
    only: ['idp'],
    t,
    config: `idp: { store: '${store}', registration: { who: anyone } }`,
  })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const person = new Person()
  const url = (path: string) => new URL(path, issuer)
  const bad = encodeURIComponent(odd)

  const see = async (what: string, status: Promise<{ status: number }>): Promise<void> => {
    const seen = (await status).status
    t.ok(seen < 500, `${what}: ${seen}`)
  }
  await see('client_id of an authorization', person.open(authorizeUrl(issuer, newPkce(), { client_id: odd })))
  const params = { grant_type: 'authorization_code', code: odd, code_verifier: 'x'.repeat(43) }
  await see(
    'code',
    tokenRequest(issuer, { ...params, client_id: nativeClient, redirect_uri: 'http://127.0.0.1:1/callback' }),
  )
  await see('client_id of a token', tokenRequest(issuer, { ...params, client_id: odd }))
  await see('basic', tokenRequest(issuer, { grant_type: 'client_credentials' }, { id: bad, secret: 'x' }))
  await see(
    'resource',
    tokenRequest(
      issuer,
      { grant_type: 'client_credentials', resource: odd },
      { id: 'demo-machine', secret: 'x' },
    ),
  )
  await see('end_session', person.open(url(`/oauth/logout?client_id=${bad}`)))
  await see('registration', person.open(url(`/oauth/register/${bad}`)))
  await see('admin account', admin.send('GET', `/accounts/${bad}`))
  await see('admin client', admin.send('GET', `/clients/${bad}`))
  await see('admin list', admin.send('GET', `/clients?q=${bad}`))
  await see('admin list after', admin.send('GET', `/accounts?after=${bad}`))
  await see('admin audit', admin.send('GET', `/audit?q=${bad}`))
  await see('admin name', admin.send('POST', '/accounts', { username: 'nul', name: odd }))
  await see('admin client name', admin.send('POST', '/clients', { client_id: 'nul', client_name: odd }))

  const login = await person.follow(await person.open(`${issuer}/account`))
  await see('user name', person.submit(login, 'Sign in', { username: odd, password: odd }))
  await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const page = await person.open(`${issuer}/account`)
  t.match(page.html, /Change password/)
  const csrf = page.forms.flatMap(({ fields }) => fields).find(({ name }) => name === 'csrf')?.value ?? ''
  const body = new URLSearchParams({ csrf, client_id: odd })
  await see('revoke', person.open(`${issuer}/account/revoke`, { method: 'POST', body }))
  const words = new URLSearchParams({ csrf, current: odd, next: `${odd}-long-enough-to-be-one` })
  await see('password', person.open(`${issuer}/account/password`, { method: 'POST', body: words }))
})
