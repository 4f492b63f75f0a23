/** What one operation cost at one size. */
export interface Step {
  readonly size: number
  /** In whatever unit, the same at every size. */
  readonly cost: number
}

/** Growth of cost at which a step stands out from the noise of a run: each tenfold of the size costs as much more. */
const worstPerTenfold = 1.3

/** By how much each tenfold of the size multiplies the cost from one step to another; an empty one counts as 1. */
export function perTenfold(from: Step, to: Step): number {
  const tenfolds = Math.log10(Math.max(to.size, 1) / Math.max(from.size, 1))
  return (to.cost / from.cost) ** (1 / Math.max(tenfolds, 1))
}

/** The same from the first to the last size; NaN with fewer than two steps. */
export function growthOf(steps: readonly Step[]): number {
  const [first, last] = [steps[0], steps.at(-1)]
  return first === undefined || last === undefined || first === last ? Number.NaN : perTenfold(first, last)
}

/** Steps between which the cost grew by more than a logarithm, or the noise of a run, would explain. */
export function worseThanLogarithmic(steps: readonly Step[]): readonly (readonly [Step, Step])[] {
  return steps.flatMap((to, at) => {
    const from = steps[at - 1]
    return from !== undefined && to.cost / from.cost > allowed(from.size, to.size)
      ? [[from, to] as const]
      : []
  })
}

function allowed(from: number, to: number): number {
  const smallest = 10
  const logarithm = Math.log(Math.max(to, smallest)) / Math.log(Math.max(from, smallest))
  const tenfolds = Math.log10(Math.max(to, 1) / Math.max(from, 1))
  return Math.max(logarithm, worstPerTenfold ** Math.max(tenfolds, 1))
}
