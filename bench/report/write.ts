import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { benchFile } from '../run/bench-file.ts'
import type { TargetResult } from '../targets.ts'
import { plotSvg } from './svg.ts'
import type { SuiteResult } from './result.ts'

const Earlier = Type.Object({
  machine: Type.Object({ cpu: Type.String(), cores: Type.Number(), node: Type.String() }),
  targets: Type.Array(
    Type.Object({
      id: Type.String(),
      reached: Type.Union([Type.Number(), Type.Null()]),
      note: Type.Optional(Type.String()),
      measured: Type.Optional(Type.String()),
    }),
  ),
})
export type EarlierTarget = Type.Static<typeof Earlier>['targets'][number]

export const resultsDir = benchFile('results')

export interface RunRecord {
  readonly at: string
  readonly pace: string
  readonly machine: Readonly<Record<string, unknown>>
  readonly targets: readonly (TargetResult & { readonly measured?: string })[]
}

/** What an earlier run on a machine like this one reached, so that a run of one suite does not forget the others. */
export function earlierTargets(machine: Readonly<Record<string, unknown>>): readonly EarlierTarget[] {
  let text: string
  try {
    text = readFileSync(`${resultsDir}/latest.json`, 'utf8')
  } catch {
    return []
  }
  const found: unknown = JSON.parse(text)
  if (!Value.Check(Earlier, found)) return []
  const same =
    found.machine.cpu === machine['cpu'] &&
    found.machine.cores === machine['cores'] &&
    found.machine.node === machine['node']
  return same ? found.targets : []
}

/** Writes latest.json, one file with every figure for each suite, and the plots. */
export function writeResults(record: RunRecord, results: ReadonlyMap<string, SuiteResult>): void {
  mkdirSync(resultsDir, { recursive: true })
  writeJson('latest', record)
  for (const [suite, result] of results) {
    writeJson(suite, {
      at: record.at,
      pace: record.pace,
      machine: record.machine,
      tables: result.tables,
      data: result.data,
    })
    for (const plot of result.plots) writeFileSync(`${resultsDir}/${plot.file}.svg`, plotSvg(plot))
  }
}

function writeJson(name: string, value: unknown): void {
  writeFileSync(`${resultsDir}/${name}.json`, `${JSON.stringify(value, null, 2)}\n`)
}
