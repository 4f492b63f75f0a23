import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { benchFile } from '../run/bench-file.ts'
import type { TargetResult } from '../targets.ts'
import { pageWith } from './page.ts'
import { plotSvg } from './svg.ts'
import { joined } from './result.ts'
import type { Results } from './result.ts'

const Machine = Type.Object({ cpu: Type.String(), cores: Type.Number(), node: Type.String() })
const Earlier = Type.Object({
  machine: Machine,
  targets: Type.Array(
    Type.Object({
      id: Type.String(),
      reached: Type.Union([Type.Number(), Type.Null()]),
      range: Type.Optional(Type.Array(Type.Number())),
      note: Type.Optional(Type.String()),
      measured: Type.Optional(Type.String()),
    }),
  ),
})
const EarlierSuite = Type.Object({ cases: Type.Record(Type.String(), Type.Object({ machine: Machine })) })
export type EarlierTarget = Type.Static<typeof Earlier>['targets'][number]

/** Where results go. */
export interface Place {
  readonly dir: string
  /** The page with the table of targets; undefined: none. */
  readonly page: string | undefined
}

export type RecordedTarget = TargetResult & { readonly measured?: string }

export interface RunRecord {
  readonly at: string
  readonly pace: string
  readonly machine: Readonly<Record<string, unknown>>
  readonly targets: readonly RecordedTarget[]
}

/** @param out a folder of the caller's; undefined: the project's own results, and its page about performance. */
export function placeFor(out: string | undefined): Place {
  return out === undefined
    ? { dir: benchFile('results'), page: benchFile('../docs/performance.md') }
    : { dir: out, page: undefined }
}

function isSame(one: Type.Static<typeof Machine>, machine: Readonly<Record<string, unknown>>): boolean {
  return one.cpu === machine['cpu'] && one.cores === machine['cores'] && one.node === machine['node']
}

/** What an earlier run on a machine like this one reached, so that a run of one suite does not forget the others. */
export function earlierTargets(
  { dir }: Place,
  machine: Readonly<Record<string, unknown>>,
): readonly EarlierTarget[] {
  const found = readJson(dir, 'latest')
  return Value.Check(Earlier, found) && isSame(found.machine, machine) ? found.targets : []
}

/** Writes latest.json, a file with every figure for each suite, the plots, and the table of the page. */
export function writeResults(place: Place, record: RunRecord, results: ReadonlyMap<string, Results>): void {
  const { dir, page } = place
  mkdirSync(dir, { recursive: true })
  writeJson(dir, 'latest', record)
  for (const [suite, result] of results) {
    writeJson(dir, suite, { cases: { ...earlierCases(dir, suite, record), ...casesOf(record, result) } })
    for (const plot of joined(result.values()).plots)
      writeFileSync(join(dir, `${plot.file}.svg`), plotSvg(plot))
  }
  if (page !== undefined) writeFileSync(page, pageWith(readFileSync(page, 'utf8'), record))
}

function casesOf({ at, pace, machine }: RunRecord, result: Results): Readonly<Record<string, unknown>> {
  const kept = [...result].filter(([, { tables }]) => tables.length > 0)
  return Object.fromEntries(kept.map(([id, { tables, data }]) => [id, { at, pace, machine, tables, data }]))
}

/** What this run did not measure again. */
function earlierCases(dir: string, suite: string, { machine }: RunRecord): Readonly<Record<string, unknown>> {
  const found = readJson(dir, suite)
  if (!Value.Check(EarlierSuite, found)) return {}
  return Object.fromEntries(Object.entries(found.cases).filter(([, one]) => isSame(one.machine, machine)))
}

function readJson(dir: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(dir, `${name}.json`), 'utf8'))
  } catch {
    return undefined
  }
}

function writeJson(dir: string, name: string, value: unknown): void {
  writeFileSync(join(dir, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`)
}
