import t from 'tap'
import { Passwords } from '../../idp/accounts/passwords.ts'
import { buildApp } from '../../idp/app.ts'
import { buildDeps } from '../../idp/deps.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { contextOf } from './context.ts'
import { Gate } from './gate.ts'
import { Person } from './person.ts'

const given = 'what the administrator gave'

t.test('a password that an administrator sets is not replaced by a change that was under way', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, idp } = platform.config
  const deps = await buildDeps(contextOf(platform))
  const gate = new Gate()
  const app = await buildApp({ ...deps, passwords: new Passwords(gate) }, idp)
  t.teardown(async () => {
    await app.close()
    await deps.close()
  })
  const admin = await Admin.of(platform)
  const current = platform.credentials.password('bob')
  const person = new Person()
  await person.signIn(await person.follow(await person.open(`${issuer}/account`)), 'bob', current)
  const page = await person.open(`${issuer}/account`)
  const fields = page.forms.find(({ action }) => action.pathname === '/account/password')?.fields ?? []
  const csrf = fields.find(({ name }) => name === 'csrf')?.value ?? ''

  gate.shut()
  const change = app.inject({
    method: 'POST',
    url: '/account/password',
    headers: {
      host: new URL(issuer).host,
      cookie: person.jar.header(new URL(issuer)),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ csrf, current, next: 'what the intruder wants' }).toString(),
  })
  await gate.asked
  t.equal((await admin.send('POST', '/accounts/acc-bob/password', { password: given })).status, 204)
  gate.open()
  t.equal((await change).statusCode, 400)
  const attempt = (password: string) =>
    deps.signIn.attempt({ username: 'bob', password, address: '127.0.0.1' })
  t.match(await attempt('what the intruder wants'), { outcome: 'refused' })
  t.match(await attempt(given), { outcome: 'signed_in' })
})
