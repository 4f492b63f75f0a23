import t from 'tap'
import { stringify } from 'yaml'
import { withoutDrawn } from '../harness/drawn.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person, type Seen } from './person.ts'

t.test('a sign-in that was begun and not finished ends with what the password opened', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)

  /** Gives the right password, and does not go on from there yet. */
  const parked = async (username: string, who = new Person()): Promise<{ who: Person; next: Seen }> => {
    const url = authorizeUrl(issuer, newPkce(), { prompt: 'login' })
    const login = await who.follow(await who.open(url))
    const password = platform.credentials.password(username)
    const next = await who.submit(login, 'Sign in', { username, password })
    t.equal(next.status, 303)
    return { who, next }
  }
  const isIn = async (who: Person, name = ''): Promise<boolean> => {
    const seen = await who.follow(await who.open(`${issuer}/account`))
    return seen.html.includes('Change password') && withoutDrawn(seen.html).includes(name)
  }

  await t.test('one that goes on works', async (t) => {
    const { who, next } = await parked('alice')
    await who.follow(next)
    t.ok(await isIn(who))
  })

  await t.test('the person changes the password', async (t) => {
    const { who, next } = await parked('alice')
    const owner = await parked('alice')
    await owner.who.follow(owner.next)
    const page = await owner.who.open(`${issuer}/account`)
    const current = platform.credentials.password('alice')
    const done = await owner.who.submit(page, 'Change password', { current, next: 'a long new password' })
    t.equal(done.status, 303)
    await who.follow(next)
    t.notOk(await isIn(who))
  })

  await t.test('an administrator sets one', async (t) => {
    const { who, next } = await parked('bob')
    t.equal((await admin.send('POST', '/accounts/acc-bob/password', {})).status, 200)
    await who.follow(next)
    t.notOk(await isIn(who))
  })

  await t.test('in a browser in which somebody else is signed in', async (t) => {
    const mallory = await parked('carol')
    await mallory.who.follow(mallory.next)
    const { who, next } = await parked('admin', mallory.who)
    t.equal((await admin.send('POST', '/accounts/acc-admin/password', {})).status, 200)
    const seen = await who.follow(next)
    if (seen.forms.length > 0) await who.follow(await who.submit(seen, 'Continue'))
    t.notOk(await isIn(who, 'Ada'))
  })

  await t.test('the account was shut out for a while', async (t) => {
    const { who, next } = await parked('carol')
    t.equal((await admin.send('POST', '/accounts/acc-carol/disable')).status, 200)
    t.equal((await admin.send('POST', '/accounts/acc-carol/enable')).status, 200)
    await who.follow(next)
    t.notOk(await isIn(who))
  })
})

t.test('no code goes to where a client is not led back to any more', async (t) => {
  const client_id = 'moved'
  const [redirect_uri, other] = ['https://moved.example/cb', 'https://moved.example/other']
  const moved = {
    client_id,
    redirect_uris: [redirect_uri],
    scope: 'openid',
    token_endpoint_auth_method: 'none',
  }
  const config = stringify({ idp: { clients: [{ ...moved, grant_types: ['authorization_code'] }] } })
  const platform = await startPlatform({ only: ['idp'], t, config })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const username = 'alice'
  const password = platform.credentials.password(username)
  const url = () => authorizeUrl(issuer, newPkce(), { client_id, redirect_uri, scope: 'openid' })

  const [atLogin, onTheWay, atConsent] = [new Person(), new Person(), new Person()]
  const login = await atLogin.follow(await atLogin.open(url()))
  const opened = await onTheWay.follow(await onTheWay.open(url()))
  const way = await onTheWay.submit(opened, 'Sign in', { username, password })
  const consent = await atConsent.signIn(
    await atConsent.follow(await atConsent.open(url())),
    username,
    password,
  )
  t.equal((await admin.send('PATCH', '/clients/moved', { redirect_uris: [other] })).status, 200)
  const seen = [
    await atLogin.signIn(login, username, password),
    await onTheWay.follow(way),
    await atConsent.follow(await atConsent.submit(consent, 'Allow')),
  ]
  for (const { status, headers, html } of seen) {
    t.equal(status, 400)
    t.notOk(headers.get('location'))
    t.match(html, /cannot be completed/)
  }
})
