import t from 'tap'
import { rated, ratioOf } from '../../bench/report/rates.ts'
import type { Sample } from '../../bench/run/rounds.ts'
import { median, ratios, spread } from '../../bench/run/statistics.ts'
import { growthOf, perTenfold, worseThanLogarithmic } from '../../bench/suites/growth/grows.ts'

function sample(rate: number, part: Partial<Sample> = {}): Sample {
  const latency = { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 }
  const outcome = { requests: rate, seconds: 1, faults: {}, latency, late: 0, next: rate, cpuSeconds: 0.1 }
  const use = { contestantCpu: 1, loadCpu: 0.3, foreignCpu: 0 }
  return { outcome, rate, ...use, cpuPerRequest: 1 / rate, residentMb: 100, ...part }
}

t.test('a median is in the middle, and a ratio is taken within its round', async (t) => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 2, 3]), 2.5)
  t.same(ratios([10, 30, 5], [5, 10]), [2, 3], 'a round without its pair counts for nothing')
  t.same(spread([3, 1, 2]), { median: 2, low: 1, high: 3 })
})

t.test('a machine that slows down for both changes no ratio', async (t) => {
  const samples = new Map([
    ['base', [sample(1000), sample(100)]],
    ['own', [sample(1500), sample(150)]],
  ])
  t.same(ratioOf(samples, 'own', 'base'), { median: 1.5, low: 1.5, high: 1.5 })
  t.equal(ratioOf(samples, 'own', 'nobody'), undefined)
})

t.test('what saturated first is told', async (t) => {
  const saturatedBy = (part: Partial<Sample>): string | undefined =>
    rated(new Map([['base', [sample(1, part)]]]), 'base')[0]?.saturated
  t.equal(saturatedBy({}), 'contestant 100 %')
  t.equal(saturatedBy({ contestantCpu: 0.6, loadCpu: 0.98 }), 'load 98 %')
  t.equal(saturatedBy({ contestantCpu: 0.5 }), 'neither (50 %, load 30 %)')
})

t.test('growth: flat and logarithmic pass, more is told', async (t) => {
  const steps = (cost: (size: number) => number) =>
    [10, 100, 1_000, 10_000].map((size) => ({ size, cost: cost(size) }))
  t.equal(growthOf(steps(() => 5)), 1)
  t.same(worseThanLogarithmic(steps(() => 5)), [])
  t.same(worseThanLogarithmic(steps((size) => Math.log(size))), [])
  t.equal(worseThanLogarithmic(steps((size) => size)).length, 3)
  t.equal(worseThanLogarithmic(steps((size) => Math.sqrt(size))).length, 3)
  t.equal(perTenfold({ size: 0, cost: 1 }, { size: 1_000_000, cost: 64 }), 2, 'none counts as one')
  t.ok(Number.isNaN(growthOf([{ size: 1, cost: 1 }])), 'one size is no growth')
})
