import t from 'tap'
import { eventLoopLag } from '../../gateway/overload/lag.ts'
import { Overload, yieldsAt } from '../../gateway/overload/overload.ts'
import { eventually } from '../harness/eventually.ts'
import { refused } from './refused.ts'
import { startRig } from './rig.ts'

function after(overload: Overload, lagMs: number, times = 3): number {
  for (let n = 0; n < times; n++) overload.look(lagMs)
  return overload.level
}

t.test('the later the event loop, the more give way', async (t) => {
  for (const [lagMs, level] of [
    [0, 0],
    [99, 0],
    [100, 1],
    [199, 1],
    [200, 2],
    [400, 3],
    [800, 4],
    [9e9, 4],
  ] as const) {
    t.equal(after(new Overload(100), lagMs), level, `${lagMs} ms`)
  }
  t.strictSame(
    ['low', 'normal', 'high', 'sessions'].map((_, at) => at + 1),
    [yieldsAt('low'), yieldsAt('normal'), yieldsAt('high'), yieldsAt('sessions')],
  )
  t.equal(after(new Overload(Infinity), 1e9), 0, 'never')
})

t.test('one long pause is no overload', async (t) => {
  const overload = new Overload(100)
  after(overload, 0)
  t.equal(after(overload, 10_000, 1), 0)
  t.equal(after(overload, 0), 0)
  t.equal(after(overload, 10_000, 2), 4, 'two of three are')
})

t.test('at the edge it does not open and close at every look', async (t) => {
  const overload = new Overload(100)
  t.equal(after(overload, 210), 2)
  const levels = new Set([190, 205, 180, 199, 201, 120, 199].map((lagMs) => after(overload, lagMs)))
  t.strictSame([...levels], [2])
  t.equal(after(overload, 99), 1, 'below half of what shut it out')
  t.equal(after(overload, 60), 1)
  t.equal(after(overload, 49), 0)
  t.equal(after(overload, 9e9), 4)
  after(overload, 0, 1)
  const back = [0, 0, 0, 0, 0].map((lagMs) => after(overload, lagMs, 1))
  t.strictSame(back, [3, 2, 1, 0, 0], 'one at a time')
})

t.test('the lag of this process is told', async (t) => {
  const told: number[] = []
  const stop = eventLoopLag((lagMs) => told.push(lagMs))
  const until = performance.now() + 400
  while (performance.now() < until);
  await eventually(() => told.length > 0)
  stop()
  t.ok((told[0] ?? 0) >= 200)
})

t.test('routes give way by priority, then sign-in; readiness never', async (t) => {
  const told: ((lagMs: number) => void)[] = []
  const rig = await startRig(t, {
    lag: (tell) => {
      told.push(tell)
      return () => told.splice(0)
    },
    config: `
gateway: { overload: { lag: 100ms } }
routes:
  - { id: orders.list, priority: low }
  - { id: users.me, priority: high }
`,
  })
  const late = (lagMs: number): void => {
    for (let n = 0; n < 3; n++) told[0]?.(lagMs)
  }
  const paths = ['/api/orders', '/api/inventory', '/api/users/me', '/auth/session', '/healthz', '/readyz']
  const statuses = async () => {
    const answers = await Promise.all(paths.map((path) => rig.call({ path })))
    return answers.map(({ status }) => status)
  }
  t.strictSame(await statuses(), [200, 200, 200, 401, 200, 200])
  late(100)
  const answer = await refused(t, rig, 'low', { path: '/api/orders' }, [503, 'overloaded'])
  t.match(answer.headers['retry-after'], /^[1-5]$/)
  t.strictSame(await statuses(), [503, 200, 200, 401, 200, 200])
  late(200)
  t.strictSame(await statuses(), [503, 503, 200, 401, 200, 200])
  late(400)
  t.strictSame(await statuses(), [503, 503, 503, 401, 200, 200])
  late(800)
  t.strictSame(await statuses(), [503, 503, 503, 503, 200, 200])
  t.match(await rig.metrics(), 'gatehouse_gateway_overload_level 4')
  t.match(await rig.metrics(), 'gatehouse_gateway_shed_total{priority="low"} 5')
  for (let n = 0; n < 6; n++) late(0)
  t.strictSame(await statuses(), [200, 200, 200, 401, 200, 200])
})
