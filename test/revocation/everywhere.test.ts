import t from 'tap'
import { disableAccount, enableAccount } from '../../idp/accounts/standing.ts'
import { removeClient } from '../../idp/clients/remove.ts'
import { buildDeps } from '../../idp/deps.ts'
import { type SessionClient, startPlatform } from '../harness/index.ts'
import { contextOf } from '../idp/context.ts'
import { newTokens, refresh } from '../idp/native.ts'
import { Person } from '../idp/person.ts'
import { Both } from './both.ts'

const bad = ['401 invalid_token', '401 invalid_token']
const gone = ['401 no_session', '401 no_session']

t.test('what is taken away at the IdP is refused at both gateways', { timeout: 240_000 }, async (t) => {
  const platform = await startPlatform({ t })
  const { issuer, gateway } = platform.config
  const both = await Both.start(t, platform)
  const idp = await buildDeps(contextOf(platform))
  t.teardown(() => idp.close())
  const cookieOf = (session: SessionClient) => session.cookies.header(new URL(gateway.origin))
  const good = ['200', '200']

  await t.test('a token that is given back', async (t) => {
    const { accessToken: token } = await newTokens(platform)
    t.same(await both.answers({ token }), good)
    const body = new URLSearchParams({ client_id: 'demo-native', token })
    await fetch(`${issuer}/oauth/revoke`, { method: 'POST', body })
    t.same(await both.refusal({ token }), bad)
  })

  await t.test('a grant, by a refresh token that came twice', async (t) => {
    const { accessToken: token, refreshToken } = await newTokens(platform)
    t.same(await both.answers({ token }), good)
    await refresh(issuer, refreshToken)
    platform.clock.advance(60_000)
    await refresh(issuer, refreshToken)
    t.same(await both.refusal({ token }), bad)
  })

  await t.test('signing out at the IdP', async (t) => {
    const { person, accessToken: token } = await newTokens(platform)
    const session = await platform.signIn('alice', { cookies: person.jar })
    const cookie = cookieOf(session)
    t.same(await both.answers({ cookie }), good, 'a session at one is one at the other')
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    t.same(await both.refusal({ token }), bad)
    t.same(await both.refusal({ cookie }), gone)
  })

  await t.test('signing out at the gateway', async (t) => {
    const session = await platform.signIn('alice')
    const cookie = cookieOf(session)
    t.same(await both.answers({ cookie }), good)
    t.equal((await session.fetch('/auth/logout', { method: 'POST' })).status, 200)
    t.same(await both.refusal({ cookie }), gone)
  })

  await t.test('a changed password', async (t) => {
    const { accessToken: token } = await newTokens(platform)
    const session = await platform.signIn('alice')
    const cookie = cookieOf(session)
    t.same(await both.answers({ cookie }), good)
    const person = new Person()
    const page = await person.follow(await person.open(`${issuer}/account`))
    const account = await person.follow(
      await person.signIn(page, 'alice', platform.credentials.password('alice')),
    )
    const home = account.html.includes('Change password') ? account : await person.open(`${issuer}/account`)
    await person.submit(home, 'Change password', {
      current: platform.credentials.password('alice'),
      next: 'correct horse battery',
    })
    t.same(await both.refusal({ token }), bad)
    t.same(await both.refusal({ cookie }), gone)
  })

  await t.test('a disabled account, a removed client', async (t) => {
    const session = await platform.signIn('bob')
    const cookie = cookieOf(session)
    const token = await platform.token()
    t.same(await both.answers({ cookie }), good)
    await idp.store.db.transaction().execute((trx) => disableAccount(trx, idp, 'acc-bob'))
    t.same(await both.refusal({ cookie }), gone)
    await idp.store.db.transaction().execute((trx) => enableAccount(trx, idp, 'acc-bob'))
    t.same(await both.answers({ cookie }), gone, 'what was taken is not given back')
    t.same(await both.answers({ token }), good)
    await idp.store.db.transaction().execute((trx) => removeClient(trx, idp, 'demo-machine'))
    t.same(await both.refusal({ token }), bad)
  })
})
