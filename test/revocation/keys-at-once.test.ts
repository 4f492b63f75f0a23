import t from 'tap'
import { until } from '../harness/eventually.ts'
import { startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'
import { Both } from './both.ts'

t.test('two keys taken away one after the other: what the third signs counts at once', async (t) => {
  const platform = await startPlatform({ t })
  const both = await Both.start(t, platform)
  for (let turn = 0; turn < 2; turn += 1) {
    // With a token of its own: the one before is refused with the key.
    const admin = await Admin.of(platform)
    const keys = listField((await admin.get('/keys')).body, 'items')
    const signing = keys.find((key) => textField(key, 'state') === 'signing')
    const path = `/keys/${textField(signing, 'kid')}/retire`
    t.equal((await admin.send('POST', path, { emergency: true })).status, 200)
  }
  const token = await platform.token({ scope: 'orders:read' })
  await until(async () => (await both.answers({ token })).every((answer) => answer === '200'))
  t.same(await both.answers({ token }), ['200', '200'])
})
