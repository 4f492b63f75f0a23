import t from 'tap'
import { Histogram } from '../../bench/load/histogram.ts'

t.test('quantiles are within 0.2 % over seven decades', async (t) => {
  for (const scale of [1, 100, 10_000, 1_000_000]) {
    const histogram = new Histogram()
    for (let n = 1; n <= 1000; n += 1) histogram.record(n * scale)
    for (const q of [0.5, 0.9, 0.99, 0.999]) {
      const exact = Math.round(q * 1000) * scale
      t.ok(Math.abs(histogram.quantile(q) / exact - 1) <= 0.002, `p${q * 100} of ${scale} to ${1000 * scale}`)
    }
    t.equal(histogram.max, 1000 * scale)
  }
})

t.test('one slow request in a thousand is the 99.9th, not the 99th', async (t) => {
  const histogram = new Histogram()
  for (let n = 0; n < 998; n += 1) histogram.record(100)
  histogram.record(900_000)
  histogram.record(900_000)
  t.equal(histogram.quantile(0.99), 100)
  t.ok(histogram.quantile(0.999) > 890_000)
  t.equal(new Histogram().quantile(0.99), 0, 'nothing recorded')
})
