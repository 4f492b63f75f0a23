import type { Cast } from '../../contestants/cast.ts'
import { latencyTable } from '../../report/latency.ts'
import type { Reached, SuiteResult, Table } from '../../report/result.ts'
import { wrongOf } from '../../report/rates.ts'
import type { Samples } from '../../report/rates.ts'
import { runRounds } from '../../run/rounds.ts'
import type { Entry, Sample } from '../../run/rounds.ts'
import { median } from '../../run/statistics.ts'
import type { Stage } from '../../run/stage.ts'
import { entryFor } from './case.ts'
import type { GatewayCase } from './case.ts'

const share = 0.7
/** So many times longer than a round of a closed run: a p99.9 needs requests. */
const longer = 2.5

export interface LatencyNames {
  readonly own: string
  readonly base: string
}

/**
 * Latency at fixed arrival rates: at 70 % of Gatehouse's ceiling, and at 70 % of the base's, which is the fairer one to
 * the base where its ceiling is the lower.
 *
 * @param ceilings the closed runs of the same case, from which the ceilings are taken.
 */
export async function runLatency(
  stage: Stage,
  cast: Cast,
  of: GatewayCase,
  ceilings: Samples,
  names: LatencyNames,
): Promise<SuiteResult> {
  const tables: Table[] = []
  const reached: Reached[] = []
  const data: Record<string, unknown> = {}
  let wrong = 0
  const half = (Date.now() + stage.until) / 2
  for (const [label, whose, until] of [
    ['own', names.own, half],
    ['base', names.base, stage.until],
  ] as const) {
    const ceiling = median((ceilings.get(whose) ?? []).map((sample) => sample.rate))
    if (Number.isNaN(ceiling)) continue
    const samples = await atRate(stage, cast, of, { rate: ceiling * share, until })
    wrong += wrongOf(samples)
    tables.push(latencyTable(`${of.title}: latency at 70 % of the ceiling of ${whose}`, samples))
    data[`latency.${label}`] = Object.fromEntries(
      [...samples].map(([name, own]) => [name, own.map(({ outcome }) => outcome.latency)]),
    )
    const [own, base] = [p99(samples.get(names.own)), p99(samples.get(names.base))]
    if (label === 'own' && !Number.isNaN(own / base))
      reached.push({ target: 'latency.p99', value: own / base })
  }
  return { tables, plots: [], reached, wrong, data }
}

async function atRate(
  stage: Stage,
  cast: Cast,
  of: GatewayCase,
  { rate, until }: { readonly rate: number; readonly until: number },
): Promise<Samples> {
  const entries: Entry[] = []
  for (const contestant of of.contestants) {
    const entry = await entryFor(stage, cast, of, contestant)
    if (entry !== undefined) entries.push({ ...entry, job: { ...entry.job, rate } })
  }
  const seconds = stage.pace.roundSeconds * longer
  return runRounds(stage, { name: `${of.title} at ${Math.round(rate)}/s`, entries, seconds, until })
}

function p99(samples: readonly Sample[] | undefined): number {
  return median((samples ?? []).map(({ outcome }) => outcome.latency.p99))
}
