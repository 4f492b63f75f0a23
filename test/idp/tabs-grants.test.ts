import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { authorizeUrl, newPkce } from './native.ts'
import { Person } from './person.ts'

t.test('what two tabs were granted ends with their one session', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const admin = await Admin.of(platform)
  const grantsOf = async (username: string): Promise<number> =>
    listField((await admin.get(`/grants?account=acc-${username}&client=demo-native`)).body, 'items').length

  /** Both are asked before one of them answers. */
  const agreedTwice = async (username: string): Promise<Person> => {
    const person = new Person()
    const login = await person.follow(await person.open(`${issuer}/account`))
    await person.signIn(login, username, platform.credentials.password(username))
    const tab = async () => person.follow(await person.open(authorizeUrl(issuer, newPkce())))
    const tabs = [await tab(), await tab()]
    for (const page of tabs) await person.follow(await person.submit(page, 'Allow'))
    t.equal(await grantsOf(username), 2)
    return person
  }

  await t.test('when an administrator ends it', async (t) => {
    await agreedTwice('alice')
    const sessions = listField((await admin.get('/sessions?account=acc-alice')).body, 'items')
    await admin.send('DELETE', `/sessions/${textField(sessions[0], 'id')}`)
    t.equal(await grantsOf('alice'), 0)
  })

  await t.test('when the person signs out', async (t) => {
    const person = await agreedTwice('bob')
    await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
    t.equal(await grantsOf('bob'), 0)
  })
})
