import type { Sample } from '../run/rounds.ts'
import { median, ratios, spread } from '../run/statistics.ts'
import type { Spread } from '../run/statistics.ts'
import { percentText, ratioText } from './format.ts'
import type { Bars, Reached, Table } from './result.ts'

export type Samples = ReadonlyMap<string, readonly Sample[]>

/** What one contestant's rounds say, beside the base's rounds. */
export interface Rated {
  readonly name: string
  readonly ratio: Spread
  /** CPU time for one request, relative to the base's. Steadier than the rate on a machine with other guests. */
  readonly cpuRatio: number
  /** How many rounds the two say something about. */
  readonly rounds: number
  readonly saturated: string
  readonly foreign: number
  /** Resident, at the end of the last round. */
  readonly megabytes: number
  readonly faults: Readonly<Record<string, number>>
  readonly firstWrong: string | undefined
  readonly rates: readonly number[]
}

const full = 0.9

/** Others used so much of one of the two cores that a round says little. The bench's own process is a few per cent. */
const noisy = 0.12
const fewestQuiet = 3

/** Rounds in which others left both contestants alone, all rounds when those are too few. */
function comparedRounds(own: readonly Sample[], base: readonly Sample[]): readonly number[] {
  const all = [...own.keys()].filter((round) => base[round] !== undefined)
  const isQuiet = (sample: Sample | undefined): boolean =>
    sample !== undefined && !(sample.foreignCpu > noisy)
  const quiet = all.filter((round) => isQuiet(own[round]) && isQuiet(base[round]))
  return quiet.length >= fewestQuiet ? quiet : all
}

/** Round by round: what was measured in one round is compared only within that round. */
function comparison(
  own: readonly Sample[],
  base: readonly Sample[],
  value: (sample: Sample) => number,
): readonly number[] {
  return comparedRounds(own, base).flatMap((round) => {
    const [a, b] = [own[round], base[round]]
    return a === undefined || b === undefined ? [] : ratios([value(a)], [value(b)])
  })
}

/** Answers that were not right, of all contestants. */
export function wrongOf(samples: Samples): number {
  return [...samples.values()].reduce((sum, own) => sum + sumOf(faultsOf(own)), 0)
}

export function sumOf(faults: Readonly<Record<string, number>>): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0)
}

/** @param base the contestant that is 1; when it is absent there is nothing to compare with, and nothing comes back. */
export function rated(samples: Samples, base: string): readonly Rated[] {
  const baseSamples = samples.get(base)
  if (baseSamples === undefined) return []
  return [...samples].map(([name, own]) => ({
    name,
    ratio: spread(comparison(own, baseSamples, (sample) => sample.rate)),
    cpuRatio: median(comparison(own, baseSamples, (sample) => sample.cpuPerRequest)),
    rounds: comparedRounds(own, baseSamples).length,
    saturated: saturatedFirst(own),
    foreign: median(own.map((sample) => sample.foreignCpu)),
    megabytes: own.at(-1)?.residentMb ?? Number.NaN,
    faults: faultsOf(own),
    firstWrong: own.find(({ outcome }) => outcome.firstWrong !== undefined)?.outcome.firstWrong,
    rates: own.map((sample) => sample.rate),
  }))
}

/** The ratio between two contestants of one case, round by round; undefined when one of them is absent. */
export function ratioOf(samples: Samples, name: string, base: string): Spread | undefined {
  const own = samples.get(name)
  const other = samples.get(base)
  if (own === undefined || other === undefined) return undefined
  return spread(comparison(own, other, (sample) => sample.rate))
}

/** The same as what a target was reached with; empty when one of them is absent. */
export function reachedBy(target: Reached['target'], ratio: Spread | undefined): readonly Reached[] {
  if (ratio === undefined) return []
  const { median: value, low, high } = ratio
  return [{ target, value, range: [low, high] }]
}

export function ratesTable(title: string, rows: readonly Rated[]): Table {
  const wrong = rows.flatMap(({ name, faults, firstWrong = '' }) =>
    Object.entries(faults).map(
      ([fault, count]) => `WRONG ANSWERS: ${name}: ${count} × ${fault} ${firstWrong}`,
    ),
  )
  const disturbed = rows
    .filter((row) => row.foreign > noisy)
    .map((row) => `${row.name} ${percentText(row.foreign)}`)
  return {
    title,
    columns: ['contestant', 'ratio (range)', 'rounds', 'CPU per request', 'saturated first', 'MB', 'wrong'],
    rows: rows.map((row) => [
      row.name,
      ratioText(row.ratio),
      String(row.rounds),
      `× ${row.cpuRatio.toFixed(2)}`,
      row.saturated,
      row.megabytes.toFixed(0),
      String(sumOf(row.faults)),
    ]),
    notes:
      disturbed.length === 0 ? wrong : [...wrong, `noise: others used a core of: ${disturbed.join(', ')}`],
  }
}

export function ratesBars(
  file: string,
  title: string,
  unit: string,
  rows: readonly Rated[],
  own: string,
): Bars {
  return {
    kind: 'bars',
    file,
    title,
    unit,
    bars: rows.map(({ name, ratio }) => ({ label: name, value: ratio, own: name.startsWith(own) })),
  }
}

function saturatedFirst(samples: readonly Sample[]): string {
  const contestant = median(samples.map((sample) => sample.contestantCpu))
  const load = median(samples.map((sample) => sample.loadCpu))
  const foreign = median(samples.map((sample) => sample.foreignCpu))
  if (Number.isNaN(contestant)) return 'unknown'
  if (contestant + foreign >= full && contestant + foreign >= load)
    return `contestant ${percentText(contestant)}`
  if (load >= full) return `load ${percentText(load)}`
  return `neither (${percentText(contestant)}, load ${percentText(load)})`
}

function faultsOf(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {}
  for (const { outcome } of samples)
    for (const [fault, count] of Object.entries(outcome.faults)) sum[fault] = (sum[fault] ?? 0) + count
  return sum
}
