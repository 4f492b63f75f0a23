import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person } from './person.ts'

t.test('a session that was there before the sign-in is not the one after it', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const person = new Person()
  const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
  person.jar.set(new URL(issuer), '__Host-idp-session', 'fixed-by-an-attacker')
  await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const mine = person.jar.get('__Host-idp-session')
  t.ok(mine !== undefined && mine !== 'fixed-by-an-attacker')

  const attacker = new Person()
  attacker.jar.set(new URL(issuer), '__Host-idp-session', 'fixed-by-an-attacker')
  const seen = await attacker.follow(await attacker.open(authorizeUrl(issuer, newPkce())))
  t.match(seen.html, /type="password"/, 'the attacker is nobody')
})
