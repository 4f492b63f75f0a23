import t from 'tap'
import { rated, ratioOf, wrongOf } from '../../bench/report/rates.ts'
import type { Sample } from '../../bench/run/rounds.ts'

const latency = { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 }

function sample(rate: number, foreignCpu = 0, faults: Readonly<Record<string, number>> = {}): Sample {
  const outcome = {
    requests: rate,
    seconds: 1,
    faults: { ...faults },
    latency,
    late: 0,
    next: 0,
    cpuSeconds: 0,
  }
  return {
    outcome,
    rate,
    contestantCpu: 1,
    loadCpu: 0.5,
    foreignCpu,
    cpuPerRequest: 1 / rate,
    residentMb: 100,
  }
}

t.test('a ratio is taken within a round', async (t) => {
  const samples = new Map([
    ['base', [100, 200, 400].map((rate) => sample(rate))],
    ['own', [150, 300, 600].map((rate) => sample(rate))],
  ])
  t.same(ratioOf(samples, 'own', 'base'), { median: 1.5, low: 1.5, high: 1.5 })
  t.equal(ratioOf(samples, 'own', 'absent'), undefined)
})

t.test('rounds in which others disturbed either of the two are left out, while three are left', async (t) => {
  const base = [sample(100), sample(100), sample(100), sample(100, 0.5), sample(100)]
  const own = [sample(150), sample(150), sample(150), sample(900), sample(20, 0.5)]
  t.same(
    ratioOf(
      new Map([
        ['base', base],
        ['own', own],
      ]),
      'own',
      'base',
    ),
    { median: 1.5, low: 1.5, high: 1.5 },
  )
  const few = new Map([
    ['base', base.slice(2)],
    ['own', own.slice(2)],
  ])
  t.same(ratioOf(few, 'own', 'base'), { median: 1.5, low: 0.2, high: 9 }, 'two quiet rounds are too few')
  t.same(
    rated(few, 'base').map(({ name, rounds }) => [name, rounds]),
    [
      ['base', 3],
      ['own', 3],
    ],
  )
})

t.test('who was measured in fewer rounds is compared in those', async (t) => {
  const samples = new Map([
    ['base', [100, 200, 400].map((rate) => sample(rate))],
    ['side', [200, 400].map((rate) => sample(rate))],
  ])
  t.same(ratioOf(samples, 'side', 'base'), { median: 2, low: 2, high: 2 })
})

t.test('wrong answers of all contestants are added up', async (t) => {
  const samples = new Map([
    ['base', [sample(100, 0, { 'status 500': 2 })]],
    ['own', [sample(100, 0, { 'another body': 1 }), sample(100)]],
  ])
  t.equal(wrongOf(samples), 3)
})
