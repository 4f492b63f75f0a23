import t, { type Test } from 'tap'
import type { Upstream } from '../../gateway/upstream/upstream.ts'
import type { Outcome } from '../../gateway/upstream/target.ts'
import { createTrust } from '../harness/internal.ts'
import { eventually } from '../harness/eventually.ts'
import { HandClock, makeUpstream, tally } from './upstream-fixture.ts'

const trust = await createTrust(t.testdir())
const wish = { key: undefined, canary: undefined, not: undefined }
const bad = 'https://localhost:1'

/** Sends `count` requests of which those to `bad` end so. */
function run(upstream: Upstream, count: number, outcome: Outcome): Readonly<Record<string, number>> {
  const picked = Array.from({ length: count }, () => {
    const target = upstream.pick(wish)
    target.begin()
    upstream.settle(target, target.id === bad ? outcome : 'ok')
    return target.id
  })
  return tally(picked)
}

t.test('a target at which one after the other fails is left out, and comes back', async (t) => {
  for (const outcome of ['failed', 'unwell'] as const) {
    const upstream = makeUpstream(trust, {
      ejection: { failures: 3, for: '40ms' },
      slowStart: '0s',
      breaker: 'off',
    })
    t.equal(run(upstream, 60, outcome)[bad], 3, outcome)
    t.notOk(bad in run(upstream, 30, outcome))
    await eventually(() => bad in run(upstream, 3, 'ok'))
    await upstream.close()
  }
})

t.test('failures with an answer in between, or of callers who left, do not count', async (t) => {
  const upstream = makeUpstream(trust, { ejection: { failures: 3, for: '1m' }, breaker: 'off' })
  for (const outcome of [
    'failed',
    'failed',
    'ok',
    'failed',
    'failed',
    'ok',
    'void',
    'void',
    'void',
  ] as const) {
    run(upstream, 3, outcome)
  }
  t.ok(bad in run(upstream, 3, 'ok'))
  await upstream.close()
})

t.test('at most the stated part is out, and the only target never is', async (t) => {
  const upstream = makeUpstream(trust, { ejection: { failures: 1, for: '1m', max: 67 }, breaker: 'off' })
  for (let count = 0; count < 30; count++) {
    const target = upstream.pick(wish)
    target.begin()
    upstream.settle(target, 'failed')
  }
  t.equal(Object.keys(run(upstream, 30, 'failed')).length, 1)
  await upstream.close()
  const lonely = makeUpstream(trust, { targets: [bad], ejection: { failures: 1 }, breaker: 'off' })
  t.equal(run(lonely, 20, 'failed')[bad], 20)
  await lonely.close()
})

/** @param laterMs how the clock moves on after the bad one came back. */
async function slowStart(t: Test, laterMs: number): Promise<void> {
  const clock = new HandClock()
  const upstream = makeUpstream(
    trust,
    {
      targets: [bad, 'https://localhost:2'],
      ejection: { failures: 1, for: '10ms' },
      slowStart: '10s',
      breaker: 'off',
    },
    { clock },
  )
  run(upstream, 2, 'failed')
  await eventually(() => bad in run(upstream, 20, 'ok'))
  const early = run(upstream, 110, 'ok')[bad] ?? 0
  t.ok(early >= 9 && early <= 12, `${early} of 110`)
  clock.ms += laterMs
  t.equal(run(upstream, 100, 'ok')[bad], 50)
  await upstream.close()
}

t.test('slow start: who comes back gets a tenth at first, and all in the end', (t) => slowStart(t, 10_000))

t.test('slow start: it takes no longer where the clock is set back', (t) => slowStart(t, -3_600_000))
