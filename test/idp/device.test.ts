import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { nativeClient, outcome, tokenRequest } from './native.ts'
import { Person } from './person.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

t.test('device flow', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  platform.clock.hold()
  const { issuer } = platform.config
  const begin = async (): Promise<unknown> => {
    const body = new URLSearchParams({ client_id: nativeClient, scope: 'openid offline_access orders:read' })
    return (await fetch(new URL('/oauth/device', issuer), { method: 'POST', body })).json()
  }
  const poll = (device_code: string) =>
    tokenRequest(issuer, { grant_type: grantType, client_id: nativeClient, device_code })

  const device = await begin()
  t.match(device, { interval: 5, expires_in: 600, verification_uri: `${issuer}/device` })
  const code = textField(device, 'device_code')

  await t.test('whoever polls too fast is told so', async (t) => {
    t.equal(await outcome(await poll(code)), '400 authorization_pending')
    t.equal(await outcome(await poll(code)), '400 slow_down')
    platform.clock.advance(5000)
    t.equal(await outcome(await poll(code)), '400 slow_down', 'five seconds are too few by now')
    platform.clock.advance(15_000)
    t.equal(await outcome(await poll(code)), '400 authorization_pending')
  })

  await t.test('a person connects it', async (t) => {
    const person = new Person()
    const entry = await person.open(textField(device, 'verification_uri_complete'))
    t.equal(entry.status, 200)
    t.notMatch(entry.html, /<script/, 'a link fills the field and does no more')
    t.match(entry.html, textField(device, 'user_code'))
    const confirm = await person.submit(entry, 'Continue')
    t.match(confirm.html, /Demo native application/)
    const login = await person.follow(await person.submit(confirm, 'Yes, connect it'))
    const consent = await person.signIn(login, 'alice', platform.credentials.password('alice'))
    t.match(consent.html, /Keep this access after you sign out/)
    const done = await person.follow(await person.submit(consent, 'Allow'))
    t.match(done.html, /Your device is connected/)

    platform.clock.advance(20_000)
    const answer: unknown = await (await poll(code)).json()
    t.match(jwtParts(textField(answer, 'access_token')).payload, {
      sub: 'acc-alice',
      scope: 'orders:read',
      roles: ['customer'],
    })
    t.type(textField(answer, 'refresh_token'), 'string')
    t.equal(await outcome(await poll(code)), '400 invalid_grant', 'once')
  })

  await t.test('a person says no', async (t) => {
    const other = await begin()
    const person = new Person()
    const entry = await person.open(textField(other, 'verification_uri'))
    const confirm = await person.submit(entry, 'Continue', {
      user_code: textField(other, 'user_code').toLowerCase(),
    })
    t.match((await person.submit(confirm, 'No, stop')).html, /Nothing was connected/)
    t.equal(await outcome(await poll(textField(other, 'device_code'))), '400 access_denied')
  })

  await t.test('20 polls at once after that: one gets tokens', async (t) => {
    const third = await begin()
    const person = new Person()
    const entry = await person.open(textField(third, 'verification_uri_complete'))
    const confirm = await person.submit(entry, 'Continue')
    const login = await person.follow(await person.submit(confirm, 'Yes, connect it'))
    const consent = await person.signIn(login, 'bob', platform.credentials.password('bob'))
    await person.follow(await person.submit(consent, 'Allow'))
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => outcome(await poll(textField(third, 'device_code')))),
    )
    t.equal(all.filter((one) => one === '200').length, 1)
  })

  await t.test('who comes without a session is told so by a page', async (t) => {
    const ways: readonly (readonly [string, RequestInit])[] = [
      ['/device', { method: 'POST', body: new URLSearchParams({ user_code: 'BCDF-GHJK', xsrf: 'x' }) }],
      ['/device', { method: 'POST' }],
      ['/device/of-nobody', {}],
    ]
    for (const [path, init] of ways) {
      const seen = await new Person().open(issuer + path, init)
      t.equal(seen.status, 400, `${init.method ?? 'GET'} ${path}`)
      t.match(seen.html, /This page has expired/)
    }
    t.notMatch(platform.logs('idp').join('\n'), /the provider failed/)
  })

  await t.test('a client that is not registered for it', async (t) => {
    const secret = platform.credentials.clientSecret('demo-machine') ?? ''
    const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
    const init = {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ scope: 'openid' }),
    }
    t.equal(await outcome(await fetch(`${issuer}/oauth/device`, init)), '400 unauthorized_client')
  })

  await t.test('guessing codes is stopped', async (t) => {
    const person = new Person()
    const entry = await person.open(`${issuer}/device`)
    const statuses: number[] = []
    for (let i = 0; i < 32; i += 1) {
      const seen = await person.submit(entry, 'Continue', { user_code: 'BCDF-GHJK' })
      if (i === 0) t.match(seen.html, /This code is not valid/)
      statuses.push(seen.status)
    }
    t.equal(statuses.at(-1), 429)
  })
})
