import t from 'tap'
import { eventually, startPlatform } from '../harness/index.ts'
import { Person } from '../idp/person.ts'

t.test('signing out at the IdP ends the session at the gateway, also without the event stream', async (t) => {
  const platform = await startPlatform({ t, config: 'revocation: { issuer: false }' })
  const person = new Person()
  const session = await platform.signIn('alice', { cookies: person.jar })
  const other = await platform.signIn('alice')
  t.equal((await session.fetch('/auth/session')).status, 200)
  const page = await person.open(`${platform.config.issuer}/oauth/logout`)
  await person.submit(page, 'Sign out')
  t.equal((await session.fetch('/auth/session')).status, 401)
  t.equal((await session.fetch('/api/orders')).status, 401)
  t.equal((await other.fetch('/api/orders')).status, 200, 'by sid: another browser goes on')
  t.ok(
    await eventually(() =>
      platform.logs('gateway').some((line) => line.includes('signed out by the identity server')),
    ),
  )
})
