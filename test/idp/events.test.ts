import type { Transaction } from 'kysely'
import t from 'tap'
import { disableAccount, enableAccount } from '../../idp/accounts/standing.ts'
import { removeClient } from '../../idp/clients/remove.ts'
import { buildDeps } from '../../idp/deps.ts'
import type { IdpTables } from '../../idp/storage/tables.ts'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { contextOf } from './context.ts'
import { newTokens, outcome, refresh } from './native.ts'
import { Receiver } from './receiver.ts'
import { WebClient } from './web.ts'

t.test('whatever takes authority away says so', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const receiver = new Receiver(platform)
  await receiver.poll()
  const seen = new Set<string>()
  const news = async () => (await receiver.poll()).filter(({ jti }) => !seen.has(jti) && seen.add(jti))

  await t.test('an access token that is given back', async (t) => {
    const { accessToken } = await newTokens(platform)
    const give = (clientId: string, token: string) =>
      fetch(`${issuer}/oauth/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: clientId, token }),
      })
    t.equal((await give('demo-native', accessToken)).status, 200)
    const [event, ...more] = await news()
    t.same(more, [])
    t.equal(event?.type, 'token-revoked')
    t.same(event?.claims['sub_id'], { format: 'opaque', id: jwtParts(accessToken).payload['jti'] })
    t.notOk(event?.claims.sub, 'no sub: it can be taken for no other token')
    t.notOk(event?.claims.exp)
    const machine = await platform.token()
    t.equal((await give('demo-native', machine)).status, 200, 'of another client: as if it were unknown')
    t.equal((await give('demo-native', `${accessToken.slice(0, -8)}AAAAAAAA`)).status, 200)
    t.same(await news(), [])
  })

  await t.test('to nobody by a token that was given back', async (t) => {
    const other = new Receiver(platform)
    t.equal((await other.request()).status, 200)
    await new WebClient(platform).post('/oauth/revoke', { token: await other.token() })
    t.equal((await other.request()).status, 401)
    t.same(
      (await news()).map(({ type }) => type),
      ['token-revoked'],
    )
  })

  await t.test('a refresh token that is used twice', async (t) => {
    const { refreshToken, accessToken } = await newTokens(platform)
    t.equal(await outcome(await refresh(issuer, refreshToken)), '200')
    platform.clock.advance(60_000)
    t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
    const [event, ...more] = await news()
    t.same(more, [])
    t.equal(event?.type, 'grant-revoked')
    t.same(event?.claims['sub_id'], { format: 'opaque', id: jwtParts(accessToken).payload['grant_id'] })
  })

  await t.test('signing out', async (t) => {
    const { person, accessToken } = await newTokens(platform)
    t.same(await news(), [], 'signing in is no end of anything')
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    const events = await news()
    const { sid, sub, grant_id } = jwtParts(accessToken).payload
    const ended = events.find(({ type }) => type === 'session-revoked')
    const user = { format: 'iss_sub', iss: issuer, sub }
    t.same(ended?.claims['sub_id'], { format: 'complex', user, session: { format: 'opaque', id: sid } })
    const grant = events.find(({ type }) => type === 'grant-revoked')
    t.same(Object(grant?.claims['sub_id']).id, grant_id)
    t.equal(events.length, 2)
  })

  await t.test('offline access outlives it, and carries no sid', async (t) => {
    const { person, accessToken } = await newTokens(platform, {
      scope: 'openid offline_access orders:read',
      prompt: 'consent',
    })
    t.equal(jwtParts(accessToken).payload['sid'], undefined)
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    t.same(
      (await news()).map(({ type }) => type),
      ['session-revoked'],
    )
  })

  await t.test('an application that is taken back, a changed password', async (t) => {
    const { person, accessToken } = await newTokens(platform)
    const account = await person.follow(await person.open(`${issuer}/account`))
    await person.submit(account, 'Take back')
    const taken = await news()
    t.ok(taken.every(({ type }) => type === 'grant-revoked'))
    const grants = taken.map(({ claims }) => Object(claims['sub_id']).id)
    t.ok(grants.includes(jwtParts(accessToken).payload['grant_id']))
    const before = platform.clock.now()
    const changed = await person.submit(await person.open(`${issuer}/account`), 'Change password', {
      current: platform.credentials.password('alice'),
      next: 'correct horse battery',
    })
    t.equal(changed.status, 303)
    const [event] = await news()
    t.equal(event?.type, 'credential-change')
    t.same(event?.claims['sub_id'], { format: 'iss_sub', iss: issuer, sub: 'acc-alice' })
    const toe = Number(event?.claims['toe']) * 1000
    t.ok(toe >= before && toe <= platform.clock.now())
  })

  await t.test('accounts and clients', async (t) => {
    const deps = await buildDeps(contextOf(platform))
    t.teardown(() => deps.close())
    const inOne = (work: (trx: Transaction<IdpTables>) => Promise<boolean>) =>
      deps.store.db.transaction().execute(work)
    t.equal(await inOne((trx) => disableAccount(trx, deps, 'acc-bob')), true)
    t.equal(await inOne((trx) => disableAccount(trx, deps, 'acc-bob')), false, 'once')
    t.equal(await inOne((trx) => enableAccount(trx, deps, 'acc-bob')), true)
    t.equal(await inOne((trx) => removeClient(trx, deps, 'demo-machine')), true)
    t.same(
      (await news()).map(({ type }) => type),
      ['account-disabled', 'account-enabled', 'client-deleted'],
    )
    t.equal((await platform.requestToken()).status, 401)
  })
})
