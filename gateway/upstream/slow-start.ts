import type { Target } from './target.ts'

/** What a target that has just come back gets of its share at least; with nothing, it would never warm up. */
const least = 0.1

/** The share of a target, by the clock: it grows from a tenth over `slowStartMs` after the target came back. */
export type WeightOf = (target: Target, now: number) => number

export function slowStart(slowStartMs: number): WeightOf {
  return (target, now) => {
    const since = now - target.returnedAt
    return since >= slowStartMs ? target.weight : target.weight * Math.max(least, since / slowStartMs)
  }
}
