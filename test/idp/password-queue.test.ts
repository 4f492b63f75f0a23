import { availableParallelism } from 'node:os'
import t, { type Test } from 'tap'
import { Passwords } from '../../idp/accounts/passwords.ts'
import { Turns } from '../../idp/turns.ts'
import { eventually, startPlatform } from '../harness/index.ts'
import { Admin } from './admin.ts'

/** Nobody's turn ends before the returned function is called: otherwise how many wait depends on the machine. */
function holdTurns(t: Pick<Test, 'teardown'>): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- bound to the caller below
  const { take } = Turns.prototype
  const { promise, resolve } = Promise.withResolvers<void>()
  Turns.prototype.take = function <T>(this: Turns, work: () => Promise<T>): Promise<T> {
    return take.bind(this)(() => promise.then(work))
  }
  t.teardown(() => {
    Turns.prototype.take = take
    resolve()
  })
  return resolve
}

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
    const goOn = holdTurns(t)
    let refusals = 0
    const asked = Array.from({ length: 150 + availableParallelism() }, async () => {
      const answer = await set()
      if (answer.status === 429) refusals += 1
      return answer
    })
    t.ok(await eventually(() => refusals > 0), 'at once, while the others wait')
    goOn()
    const answers = await Promise.all(asked)
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
