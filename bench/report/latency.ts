import { median } from '../run/statistics.ts'
import { millisecondsText, percentText } from './format.ts'
import type { Samples } from './rates.ts'
import type { Table } from './result.ts'

const howCounted =
  'arrivals evenly spaced; a request counts from the moment it was due; medians of the rounds; late: p99 of what the load process itself was late'

/** Latencies at a fixed arrival rate. */
export function latencyTable(title: string, samples: Samples, notes: readonly string[] = []): Table {
  const quantiles = ['p50', 'p90', 'p99', 'p999', 'max'] as const
  return {
    title,
    columns: ['contestant', 'p50', 'p90', 'p99', 'p99.9', 'worst', 'late', 'CPU', 'wrong'],
    rows: [...samples].map(([name, own]) => [
      name,
      ...quantiles.map((q) => millisecondsText(median(own.map(({ outcome }) => outcome.latency[q])))),
      millisecondsText(median(own.map(({ outcome }) => outcome.late))),
      percentText(median(own.map((sample) => sample.contestantCpu))),
      String(own.flatMap(({ outcome }) => Object.values(outcome.faults)).reduce((sum, n) => sum + n, 0)),
    ]),
    notes: [...notes, howCounted],
  }
}
