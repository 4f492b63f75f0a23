import { setTimeout as sleep } from 'node:timers/promises'
import type { Cast } from '../../contestants/cast.ts'
import type { Contestant } from '../../contestants/contestant.ts'
import type { SuiteResult } from '../../report/result.ts'
import { sumOf } from '../../report/rates.ts'
import { median } from '../../run/statistics.ts'
import type { Stage } from '../../run/stage.ts'
import { entryFor, tokensOf } from './case.ts'
import type { GatewayCase } from './case.ts'

const samplesWanted = 30

/** Resident memory of the gateway while tokens that it has not seen lately keep coming. */
export async function runMemory(
  stage: Stage,
  cast: Cast,
  of: GatewayCase,
  contestant: Contestant,
): Promise<SuiteResult> {
  const empty = { tables: [], plots: [], reached: [], wrong: 0, data: {} }
  const entry = await entryFor(stage, cast, of, contestant)
  if (entry === undefined) return empty
  const seconds = stage.pace.soakSeconds
  stage.progress.step(`memory over ${seconds} s of new tokens`)
  const load = stage.load({ ...entry.job, seconds, first: 0 })
  const points: [number, number][] = []
  for (let n = 1; n <= samplesWanted; n += 1) {
    await sleep((seconds * 1000) / samplesWanted)
    points.push([(n * seconds) / samplesWanted, entry.child.residentMb()])
    entry.child.truncateLog()
  }
  const outcome = await load
  const third = samplesWanted / 3
  const size = (from: number, to: number): number =>
    median(points.slice(from, to).map(([, megabytes]) => megabytes))
  const growth = size(2 * third, 3 * third) / size(third, 2 * third)
  const perMinute = ((size(2 * third, 3 * third) - size(third, 2 * third)) / (seconds / 3)) * 60
  const most = Math.max(...points.map(([, megabytes]) => megabytes))
  const note = `over ${seconds} s (--soak 10m makes it longer), ${tokensOf(of.tokens, stage)} tokens in rotation`
  return {
    tables: [
      {
        title: `Memory of the gateway: ${note}`,
        columns: ['', 'MB'],
        rows: [
          ['median of the middle third', size(third, 2 * third).toFixed(0)],
          ['median of the last third', size(2 * third, 3 * third).toFixed(0)],
          ['slope, MB a minute', perMinute.toFixed(1)],
          ['peak', most.toFixed(0)],
        ],
        notes: Object.entries(outcome.faults).map(([fault, count]) => `WRONG ANSWERS: ${count} × ${fault}`),
      },
    ],
    plots: [
      {
        kind: 'lines',
        file: 'gateway-memory',
        title: 'Memory of the gateway under new tokens',
        x: { label: 'seconds', log: false },
        y: { label: 'MB resident', log: false },
        series: [{ label: contestant.name, points }],
      },
    ],
    reached: [
      { target: 'memory.size', value: most, note },
      { target: 'memory.growth', value: growth, note },
    ],
    wrong: sumOf(outcome.faults),
    data: { memory: { seconds, points } },
  }
}
