import type { Lines, SuiteResult, Table } from '../../report/result.ts'
import { growthOf, worseThanLogarithmic } from './grows.ts'

/** What was measured at one size. */
export interface Grown {
  readonly size: number
  /** Microseconds of CPU time for one request or operation: steadier than its own time. */
  readonly us: number
  readonly p99Us: number
  readonly perSecond: number
  readonly megabytes: number
  /** Seconds until it was ready at this size. */
  readonly readySeconds: number
}

/** Of several rounds at one size the one that cost least: what others do on the machine can only make it dearer. */
export function atItsBest(rounds: readonly Grown[]): Grown {
  const [best] = rounds.toSorted((a, b) => a.us - b.us)
  if (best === undefined) throw new RangeError('nothing was measured')
  return best
}

export interface Growth {
  readonly id: string
  /** `routes of a gateway`. */
  readonly what: string
  readonly cost: string
  readonly grown: readonly Grown[]
}

/** Table, plots and verdict of something that grew. @returns with it the growth of cost for each tenfold of the size */
export function grownResult(of: Growth): { readonly perTenfold: number; readonly result: SuiteResult } {
  const steps = of.grown.map(({ size, us }) => ({ size, cost: us }))
  const faults = worseThanLogarithmic(steps).map(
    ([from, to]) =>
      `WORSE THAN LOGARITHMIC: from ${from.size} to ${to.size} ${of.what}: ${from.cost.toFixed(1)} → ${to.cost.toFixed(1)} µs of CPU`,
  )
  const perTenfold = growthOf(steps)
  const notes = [`each tenfold multiplies the cost by ${perTenfold.toFixed(2)}`, ...faults]
  return {
    perTenfold,
    result: {
      tables: [{ ...table(of), notes }],
      plots: [],
      reached: [],
      wrong: 0,
      data: { [`growth.${of.id}`]: { ...of, perTenfold } },
    },
  }
}

function table({ what, cost, grown }: Growth): Omit<Table, 'notes'> {
  return {
    title: `Growth: ${what}`,
    columns: ['how many', `CPU µs (${cost})`, 'per second', 'p99 µs', 'MB', 'ready s'],
    rows: grown.map(({ size, us, perSecond, p99Us, megabytes, readySeconds }) => [
      String(size),
      us.toFixed(1),
      perSecond.toFixed(0),
      p99Us.toFixed(0),
      megabytes.toFixed(0),
      readySeconds.toFixed(2),
    ]),
  }
}

/** Everything that grew on one page for each of its figures; cost and p99 as multiples of those at the smallest size. */
export function growthPlots(all: readonly Growth[]): readonly Lines[] {
  const first = (of: Growth, value: (of: Grown) => number): number => of.grown.slice(0, 1).map(value)[0] ?? 1
  const plot = (file: string, label: string, value: (of: Grown, all: Growth) => number): Lines => ({
    kind: 'lines',
    file: `growth-${file}`,
    title: `Growth: ${label}`,
    x: { label: 'how many there are', log: true },
    y: { label, log: false },
    series: all.map((of) => ({
      label: of.what,
      points: of.grown.map((one) => [Math.max(one.size, 1), value(one, of)] as const),
    })),
  })
  return [
    plot('cost', 'CPU time, the smallest = 1', (one, of) => one.us / first(of, ({ us }) => us)),
    plot('p99', 'p99, the smallest = 1', (one, of) => one.p99Us / first(of, ({ p99Us }) => p99Us)),
    plot('memory', 'MB resident', ({ megabytes }) => megabytes),
    plot('ready', 'seconds until ready', ({ readySeconds }) => readySeconds),
  ]
}
