import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { newPkce, newTokens, outcome, refresh } from './native.ts'
import { withStore } from './registered.ts'
import { Person, type Seen } from './person.ts'
import { WebClient } from './web.ts'

const accountOpener =
  (issuer: string) =>
  async (who: Person): Promise<Seen> => {
    const seen = await who.follow(await who.open(`${issuer}/account`))
    // The code that comes with it is of no use to anybody, and is dropped from the address.
    return seen.headers.has('location')
      ? who.follow(await who.open(new URL(seen.headers.get('location') ?? '', issuer)))
      : seen
  }

t.test('people see and change what is theirs', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const password = platform.credentials.password('alice')
  const web = new WebClient(platform)
  const person = new Person()
  const openAccount = accountOpener(issuer)

  const login = await openAccount(person)
  t.match(login.html, /to continue to <strong><bdi>Your account/)
  const back = await person.signIn(login, 'alice', password)
  t.match(back.headers.get('location'), `${issuer}/account?code=`, 'without being asked for consent')
  const page = await openAccount(person)
  t.equal(page.url.pathname, '/account')
  t.match(page.html, /Alice Archer/)
  t.match(page.html, /alice@example\.test/)
  t.notMatch(page.html, /Take back/, 'nothing allowed yet')

  await t.test('taking back what an application may do', async (t) => {
    const tokens: unknown = await (await web.redeem(await web.authorize({}, { person }))).json()
    const listed = await openAccount(person)
    t.match(listed.html, /Gatehouse web application/)
    t.match(listed.html, /Place orders for you/)
    const onRecord = async (): Promise<number> => {
      let found = 0
      await withStore(platform, async ({ db }) => {
        const entries = db.selectFrom('audit').select('seq').where('action', '=', 'consent.revoked')
        found = (await entries.execute()).length
      })
      return found
    }
    await person.submit(listed, 'Take back', { client_id: 'nobody' })
    t.equal(await onRecord(), 0, 'not what was never allowed')
    const done = await person.follow(await person.submit(listed, 'Take back'))
    t.equal(await onRecord(), 1)
    t.match(done.html, /can no longer act for you/)
    t.notMatch(done.html, /Gatehouse web application/)
    t.equal(await outcome(await web.refresh(textField(tokens, 'refresh_token'))), '400 invalid_grant')
    const again = await person.follow(await person.open(await web.pushedUrl(newPkce())))
    t.match(again.html, /Allow <bdi>Gatehouse web application/, 'it has to ask again')
  })

  await t.test('forms count only in the session that they were shown in', async (t) => {
    const shown = await openAccount(person)
    const other = new Person()
    await other.signIn(await openAccount(other), 'bob', platform.credentials.password('bob'))
    const form = shown.forms.find(({ action }) => action.pathname === '/account/password')
    const csrf = form?.fields.find(({ name }) => name === 'csrf')?.value ?? ''
    for (const body of [{ csrf }, { csrf: '' }, {}]) {
      const seen = await other.open(`${issuer}/account/password`, {
        method: 'POST',
        body: new URLSearchParams(body),
      })
      t.equal(seen.status, 403)
    }
    const anonymous = await new Person().open(`${issuer}/account/password`, {
      method: 'POST',
      body: new URLSearchParams({ csrf }),
    })
    t.equal(anonymous.headers.get('location'), '/account')
  })

  await t.test('changing the password', async (t) => {
    const elsewhere = await newTokens(platform)
    const change = async (current: string, next: string): Promise<Seen> =>
      person.submit(await openAccount(person), 'Change password', { current, next })
    t.match((await change('wrong', 'a long new password')).html, /The current password is not right/)
    t.match((await change(password, 'short')).html, /at least 12 characters/)
    t.match((await change(password, 'i-am-alice-myself')).html, /must not contain your user name/)
    const done = await person.follow(await change(password, 'a long new password'))
    t.match(done.html, /Your password is changed/)
    t.equal(
      await outcome(await refresh(issuer, elsewhere.refreshToken)),
      '400 invalid_grant',
      'others are out',
    )
    t.match((await openAccount(elsewhere.person)).html, /type="password"/, 'their sessions too')

    const fresh = new Person()
    t.equal(
      (await fresh.signIn(await openAccount(fresh), 'alice', password)).status,
      400,
      'the old one is over',
    )
    t.equal((await fresh.signIn(await openAccount(fresh), 'alice', 'a long new password')).status, 303)
  })
})

t.test('a user name that is in any password by chance forbids none', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const password = 'what it was at the beginning'
  const made = await admin.send('POST', '/accounts', { username: 'e', name: 'E', password })
  t.equal(made.status, 201, JSON.stringify(made.body))
  const person = new Person()
  const openAccount = accountOpener(platform.config.issuer)
  await person.signIn(await openAccount(person), 'e', password)
  const fields = { current: password, next: 'the next one of these' }
  const done = await person.follow(await person.submit(await openAccount(person), 'Change password', fields))
  t.match(done.html, /Your password is changed/)
})

t.test('who does not want to sign in at the account pages is let go', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const person = new Person()
  const page = await person.follow(await person.open(`${platform.config.issuer}/account`))
  t.match(page.html, /type="password"/)
  const back = await person.follow(await person.submit(page, 'Cancel'))
  const left = await person.follow(await person.open(new URL(back.headers.get('location') ?? '', back.url)))
  t.equal(left.status, 200)
  t.notMatch(left.html, /type="password"/, 'not asked once more')
  t.match(left.html, /You are signed out/)
  t.notMatch(left.url.search, /error/, 'what came along does not stay in the address bar')
})
