import t from 'tap'
import { jwtParts, startPlatform } from '../harness/index.ts'
import { listField, textField } from '../harness/json.ts'
import { Admin } from '../idp/admin.ts'

t.test(
  'the ring of internal keys turns under load, and a key leaves it at once; no request is refused',
  async (t) => {
    const platform = await startPlatform({ t })
    const admin = await Admin.of(platform, 'gateway')
    const token = await platform.token()
    const statuses: number[] = []
    const enough = new AbortController()
    const load = Promise.all(
      [1, 2].map(async () => {
        while (!enough.signal.aborted) {
          const answer = await platform.fetch('/api/inventory', { token })
          await answer.body?.cancel()
          statuses.push(answer.status)
        }
      }),
    )
    const before = await admin.get('/keys')
    t.match(before.body, { items: [{ ring: 'internal', state: 'signing' }, { state: 'published' }] })
    const turned = await admin.send('POST', '/keys/rotate', {})
    t.match(turned.body, { items: [{ state: 'signing' }, { state: 'published' }, { state: 'retiring' }] })
    const kid = textField(listField(turned.body, 'items')[2], 'kid')
    const retired = await admin.send('POST', `/keys/${kid}/retire`, { emergency: true })
    t.equal(retired.status, 200)
    t.notMatch(JSON.stringify(retired.body), kid)
    enough.abort()
    await load
    t.same([...new Set(statuses)], [200], `${statuses.length} requests`)
  },
)

t.test('who has no token for it is refused', async (t) => {
  const platform = await startPlatform({ only: ['idp', 'gateway'], t })
  const foreign = new Admin(platform.url('gateway', 'admin'), await platform.token())
  t.match(await foreign.get('/keys'), { status: 401, body: { code: 'invalid_token' } })
})

t.test('what a key signed that is no longer secret is refused by the gateway within a moment', async (t) => {
  const platform = await startPlatform({ t })
  const admin = await Admin.of(platform)
  const token = await platform.token()
  const statusNow = async (): Promise<number> => {
    const answer = await platform.fetch('/api/inventory', { token })
    await answer.body?.cancel()
    return answer.status
  }
  t.equal(await statusNow(), 200)
  const kid = String(jwtParts(token).header['kid'])
  t.equal((await admin.send('POST', `/keys/${kid}/retire`, { emergency: true })).status, 200)
  const since = performance.now()
  let status = await statusNow()
  while (status === 200 && performance.now() - since < 15_000) status = await statusNow()
  t.equal(status, 401)
  t.comment(`after ${Math.round(performance.now() - since)} ms`)
  const fresh = await platform.fetch('/api/inventory', { token: await platform.token() })
  t.equal(fresh.status, 200, 'and what the next key signs is taken')
})
