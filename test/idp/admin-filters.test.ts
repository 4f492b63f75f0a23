import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from './admin.ts'

t.test('accounts are found by exactly what is asked for', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const admin = await Admin.of(platform)
  const make = async (username: string, more: object): Promise<void> => {
    t.equal((await admin.send('POST', '/accounts', { username, ...more })).status, 201)
  }
  await make('oemer', { name: 'Ömer Ünal', roles: ['desk_1'] })
  await make('zoe', { name: 'Zoe', roles: ['desk-1', 'Desk_1'] })
  const found = async (query: Record<string, string>): Promise<readonly string[]> => {
    const { body } = await admin.get(`/accounts?${new URLSearchParams(query).toString()}`)
    return listField(body, 'items').map((item) => textField(item, 'username'))
  }
  t.same(await found({ q: 'Ömer Ünal' }), ['oemer'], 'a name as it is written')
  t.same(await found({ role: 'desk_1' }), ['oemer'], 'this role, and none that is like it')
  t.same(await found({ role: '%' }), [])
})
