import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startService, type CallRequest } from '@gatehouse/kit'
import { RetryBudget } from '@gatehouse/kit/call/retry-budget'
import { FakeGateway, sendJson } from '@gatehouse/kit/testing'

const gateway = await FakeGateway.start({ services: ['parcels', 'users'] })
const outcomes: unknown[] = []
const ended: (() => void)[] = []
let request: Partial<CallRequest> = {}
const config = { guard: { scopes: ['x'] } } as const
const users = await startService({
  name: 'users',
  context: gateway.contextFor('users'),
  register: (app) => {
    app.get('/me', { config }, ({ caller, headers }) => ({
      sub: caller.sub,
      timeout: headers['gatehouse-timeout'],
    }))
  },
})
const service = await startService({
  name: 'parcels',
  context: gateway.contextFor('parcels'),
  direct: { users: users.urls.url },
  register: (app, { call, callAsSelf }) => {
    const note = async (running: Promise<{ readonly body: unknown }>) => {
      const outcome = await running.then(
        ({ body }) => body,
        (error: unknown) => Object(error).code,
      )
      outcomes.push(outcome)
      for (const tell of ended.splice(0)) tell()
      return { outcome }
    }
    app.get('/door', { config }, ({ caller }) =>
      note(call(caller, 'stock', { method: 'GET', path: '/', ...request })),
    )
    app.get('/direct', { config }, ({ caller }) =>
      note(call(caller, 'users', { method: 'GET', path: '/me' })),
    )
    app.get('/self', { config }, () =>
      note(callAsSelf('stock', { method: 'GET', path: '/', scopes: ['clean'] })),
    )
  },
})
const get = gateway.to(service)
// One that has no keys yet is asked again by a test, and not by another service.
await gateway.to(users)('/me', { scopes: ['x'] })
t.teardown(async () => {
  await service.stop()
  await users.stop()
  await gateway.stop()
})
t.beforeEach(() => {
  request = {}
  outcomes.length = 0
  gateway.door.requests.length = 0
  gateway.door.handler = (_request, response) => sendJson(response, 200, {})
})
const asked = { scopes: ['x'] }
/** The longest that the door was told by three calls: a machine that pauses takes from one of them. */
async function longestTold(headers: Readonly<Record<string, string>> = {}): Promise<number> {
  gateway.door.requests.length = 0
  for (let n = 0; n < 3; n++) await get('/door', { ...asked, headers })
  return Math.max(0, ...gateway.door.requests.map((seen) => Number(seen.headers['gatehouse-timeout'])))
}

t.test('what is left of the time goes along', async (t) => {
  const left = await longestTold({ 'gatehouse-timeout': '2500' })
  t.ok(left > 0 && left < 2500, `${left} ms`)
  const usual = await longestTold()
  t.ok(usual > 2500 && usual <= 5000, `nobody said: the default, ${usual} ms`)
  request = { timeoutMs: 300 }
  const own = await longestTold({ 'gatehouse-timeout': '2500' })
  t.ok(own > 0 && own <= 300, `${own} ms`)
})

t.test('it never takes longer than the caller waits', async (t) => {
  gateway.door.handler = () => undefined
  const { json } = await get('/door', { ...asked, headers: { 'gatehouse-timeout': '2000' } })
  t.same(json, { outcome: 'timeout' })
  await get('/door', { ...asked, headers: { 'gatehouse-timeout': '1' } })
  t.same(outcomes, ['timeout', 'timeout'])
  t.equal(gateway.door.requests.length, 1, 'too late to ask at all')
})

for (const detached of [false, true]) {
  t.test(detached ? 'what must be put right goes on' : 'a caller that leaves ends it', async (t) => {
    request = { detached }
    let answer = () => {}
    const arrived = new Promise<void>((resolve) => {
      gateway.door.handler = async (_request, response) => {
        resolve()
        await new Promise<void>((go) => (answer = go))
        sendJson(response, 200, { done: true })
      }
    })
    const impatient = gateway.to(service)
    const over = new Promise<void>((resolve) => ended.push(resolve))
    const leaving = impatient('/door', asked)
    await arrived
    leaving.catch(() => undefined)
    await gateway.leave(impatient)
    if (detached) {
      await sleep(50)
      answer()
    }
    await over
    t.same(outcomes, [detached ? { done: true } : 'aborted'])
  })
}

t.test('directly: one exchange, then its token is used until it ends', async (t) => {
  let exchanges = 0
  gateway.door.handler = (seen, response) => {
    exchanges += 1
    t.match(Object.fromEntries(new URLSearchParams(seen.body)), { audience: 'users', subject_token: String })
    const req_wl = 'spiffe://gatehouse.test/parcels'
    const access_token = gateway.token('users', { scopes: ['x'], req_wl })
    sendJson(response, 200, { access_token, token_type: 'Bearer', expires_in: 60 })
  }
  const headers = { authorization: `Bearer ${gateway.token('parcels', asked)}` }
  for (let n = 0; n < 3; n++) {
    t.match((await get('/direct', { headers })).json, { outcome: { sub: 'acc-alice', timeout: /^\d+$/ } })
  }
  t.equal(exchanges, 1)
  await get('/direct', asked)
  t.equal(exchanges, 2, "another caller's token is another exchange")
  gateway.door.handler = (_seen, response) => sendJson(response, 400, { error: 'invalid_target' })
  t.same((await get('/direct', asked)).json, { outcome: 'refused' })
})

t.test('on its own behalf: no token, and it is said', async (t) => {
  await get('/self', asked)
  const [seen] = gateway.door.requests
  t.match(seen, {
    from: 'parcels',
    path: '/stock/',
    headers: { 'gatehouse-behalf': 'own', 'gatehouse-scope': 'clean' },
  })
  t.notOk('authorization' in (seen?.headers ?? {}))
})

t.test('retries are a tenth of the calls, and some to begin with', async (t) => {
  const budget = new RetryBudget({ calls: 10, most: 2 })
  t.same([budget.take(), budget.take(), budget.take()], [true, true, false])
  for (let n = 0; n < 10; n++) budget.called()
  t.same([budget.take(), budget.take()], [true, false])
})
