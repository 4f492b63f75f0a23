import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { isRecord } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'

t.test('the people of the demo have one name each, whichever part is asked', async (t) => {
  const platform = await startPlatform({ t })
  const admin = await Admin.of(platform)
  for (const username of ['alice', 'bob', 'carol', 'admin']) {
    const { body } = await admin.get(`/accounts/acc-${username}`)
    const profile: unknown = await (await (await platform.signIn(username)).fetch('/api/users/me')).json()
    t.match(profile, { username, name: isRecord(body) && body['name'] })
  }
})
