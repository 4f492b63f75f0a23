import t from 'tap'
import { Passwords } from '../../idp/accounts/passwords.ts'
import { Turns } from '../../idp/accounts/turns.ts'
import { startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'

t.test('hashing and checking wait in one line', async (t) => {
  const turns = new Turns({ atOnce: 1, longestQueue: 1 })
  const passwords = new Passwords(turns)
  const hash = await passwords.hash('correct horse')
  const busy = Promise.withResolvers<void>()
  const running = turns.take(() => busy.promise)
  const waiting = passwords.verify(hash, 'correct horse')
  t.equal(passwords.isFull, true)
  await t.rejects(passwords.hash('one more'), { code: 'rate_limited' })
  await t.rejects(passwords.verify(hash, 'one more'), { code: 'rate_limited' })
  busy.resolve()
  await running
  t.equal(await waiting, true)
  t.equal(await passwords.verify(hash, 'wrong'), false)
})

t.test(
  'an administration that sets many passwords at once is told to wait, not served with all memory',
  async (t) => {
    const platform = await startPlatform({ only: ['idp'], t })
    const admin = await Admin.of(platform)
    const set = () => admin.send('POST', '/accounts/acc-bob/password', {})
    const answers = await Promise.all(Array.from({ length: 180 }, set))
    const statuses = new Set(answers.map(({ status }) => status))
    t.same(
      [...statuses].toSorted((a, b) => a - b),
      [200, 429],
    )
    const refused = answers.find(({ status }) => status === 429)
    t.match([refused?.body, refused?.headers.get('retry-after')], [{ code: 'rate_limited' }, '1'])
    t.equal((await set()).status, 200, 'and then it goes on')
  },
)
