import type { Spread } from '../run/statistics.ts'
import type { TargetId } from '../targets.ts'

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

export interface Bars {
  readonly kind: 'bars'
  readonly file: string
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly label: string; readonly value: Spread; readonly own: boolean }[]
}

export interface Lines {
  readonly kind: 'lines'
  readonly file: string
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly {
    readonly label: string
    readonly points: readonly (readonly [number, number])[]
  }[]
}

export interface Axis {
  readonly label: string
  readonly log: boolean
}

export type Plot = Bars | Lines

/** What one target was measured to be in this run. */
export interface Reached {
  readonly target: TargetId
  readonly value: number
  /** The lowest and the highest of the rounds. */
  readonly range?: readonly [number, number]
  readonly note?: string
}

export interface SuiteResult {
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
  readonly reached: readonly Reached[]
  /** Answers that were not what they had to be, and connections that were lost. */
  readonly wrong: number
  /** Everything that was measured, absolute figures too, for the JSON. */
  readonly data: Readonly<Record<string, unknown>>
}

/** What a suite measured, by what it is kept under. */
export type Results = ReadonlyMap<string, SuiteResult>

/** Several results as one. */
export function joined(results: Iterable<SuiteResult>): SuiteResult {
  const all = [...results]
  return {
    tables: all.flatMap((result) => result.tables),
    plots: all.flatMap((result) => result.plots),
    reached: all.flatMap((result) => result.reached),
    wrong: all.reduce((sum, result) => sum + result.wrong, 0),
    data: Object.assign({}, ...all.map((result) => result.data)),
  }
}
