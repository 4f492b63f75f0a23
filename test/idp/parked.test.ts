import t from 'tap'
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
    return seen.html.includes('Change password') && seen.html.includes(name)
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
