import { randomBytes } from 'node:crypto'
import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'

t.test('cookies of sessions that there are not are counted by address', async (t) => {
  const platform = await startPlatform({ t, config: "gateway: { limits: { failedAuthRate: '5/min' } }" })
  const alice = await platform.signIn('alice')
  t.equal((await alice.fetch('/api/orders')).status, 200)
  platform.forgetReceived()
  platform.clock.hold()
  const guess = async (cookie = `__Host-gatehouse=${randomBytes(32).toString('base64url')}`) => {
    const answer = await platform.fetch('/api/orders', { headers: { cookie } })
    if (answer.status === 401) t.equal(answer.headers.get('www-authenticate'), 'Cookie realm="gatehouse"')
    return [answer.status, textField(await answer.json(), 'code'), answer.headers.get('retry-after')]
  }
  for (let n = 0; n < 5; n++) t.same(await guess(), [401, 'no_session', null])
  const [status, code, wait] = await guess()
  t.same([status, code], [429, 'rate_limited'])
  t.match(wait, /^\d+$/)
  t.equal((await guess('__Host-gatehouse=none'))[0], 401, 'what can be no session is not looked up anyway')
  t.same(platform.received('orders'), [], 'no service heard of it')
  platform.clock.advance(6_000)
  t.equal((await alice.fetch('/api/orders')).status, 200, 'who is at hand goes on, looked after or not')
  t.equal((await guess())[0], 429)
  t.equal((await platform.fetch('/api/orders')).status, 401, 'no cookie is not a bad one')
  platform.clock.advance(Number(wait) * 1000 + 1)
  t.same(await guess(), [401, 'no_session', null], 'until the window ends')
})
