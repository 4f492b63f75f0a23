import type { Target } from '../target.ts'
import type { WeightOf } from '../slow-start.ts'
import type { Balancer } from './balancer.ts'

/** Turns by weight, as evenly mixed as can be (the "smooth" way of nginx): 2:1 is a b a, not a a b. */
export function roundRobin(weightOf: WeightOf): Balancer {
  return (targets, now) => {
    let total = 0
    let next: Target | undefined
    for (const target of targets) {
      const weight = weightOf(target, now)
      total += weight
      target.credit += weight
      if (next === undefined || target.credit > next.credit) next = target
    }
    if (next !== undefined) next.credit -= total
    return next
  }
}
