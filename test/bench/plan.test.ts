import t from 'tap'
import { Plan } from '../../bench/run/plan.ts'

function planOf(t0: { now: number }, most = 1): Plan {
  return new Plan({
    seconds: new Map([
      ['a', 10],
      ['b', 30],
      ['c', 60],
    ]),
    judged: new Set(['b']),
    end: 100_000,
    most,
    now: () => t0.now,
  })
}

t.test('a run that is on time gives each case what it was planned with', async (t) => {
  const time = { now: 0 }
  const plan = planOf(time)
  t.equal(plan.expectedEnd, 100_000)
  t.equal(plan.begin('a'), 10_000)
  time.now = 10_000
  t.equal(plan.begin('b', 'c'), 100_000, 'cases that begin together share their time')
})

t.test('who is late takes from the cases to come, down to a limit', async (t) => {
  const time = { now: 0 }
  const plan = planOf(time)
  plan.begin('a')
  time.now = 55_000
  t.equal(plan.begin('b'), 55_000 + 15_000, 'half of the time is left, half of the seconds are given')
  time.now = 99_000
  t.equal(plan.begin('c'), 99_000 + 18_000, 'a case is not shortened to nothing')
})

t.test('time that is left is given away only as far as was asked', async (t) => {
  const time = { now: 50_000 }
  t.equal(planOf({ now: 0 }).secondsOf('a'), 10)
  const plan = new Plan({
    seconds: new Map([['a', 10]]),
    judged: new Set(),
    end: 100_000,
    most: 3,
    now: () => time.now,
  })
  t.equal(plan.begin('a'), 80_000)
})

t.test('when it is late only what has targets is measured, and warm-ups are shorter', async (t) => {
  const time = { now: 0 }
  const plan = planOf(time)
  t.ok(plan.allows('c'))
  t.equal(plan.hurry, 1)
  time.now = 40_000
  t.equal(plan.hurry, 0.6)
  time.now = 60_000
  t.notOk(plan.allows('c'))
  t.ok(plan.allows('b'))
  t.ok(plan.hurry > 0.5)
  plan.begin('a', 'b')
  t.ok(plan.allows('c'), 'what was left out leaves its time to the others')
  time.now = 100_001
  t.notOk(plan.allows('c'))
})
