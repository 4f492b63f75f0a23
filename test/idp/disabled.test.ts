import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce, newTokens, outcome, refresh } from './native.ts'
import { Person } from './person.ts'
import { withStore } from './registered.ts'

t.test('a disabled account is no account', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const { person, refreshToken } = await newTokens(platform)
  await withStore(platform, async ({ db }) => {
    await db.updateTable('accounts').set({ disabled: 1 }).where('id', '=', 'acc-alice').execute()
  })
  t.equal(await outcome(await refresh(issuer, refreshToken)), '400 invalid_grant')
  const page = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  t.match(page.html, /type="password"/, 'its session is asked to sign in')
  t.match((await person.follow(await person.open(`${issuer}/account`))).html, /type="password"/)

  const refused = await person.signIn(page, 'alice', platform.credentials.password('alice'))
  t.equal(refused.status, 400)
  t.match(refused.html, /The user name or the password is not right/, 'and nobody is told why')

  const other = new Person()
  const login = await other.follow(await other.open(authorizeUrl(issuer, newPkce())))
  t.match((await other.signIn(login, 'bob', platform.credentials.password('bob'))).html, /Bob Bowman/)
})
