import type { Target } from '../target.ts'
import type { Shares } from '../shares.ts'
import type { Balancer } from './balancer.ts'

/** Turns by weight, as evenly mixed as can be (the "smooth" way of nginx): 2:1 is a b a, not a a b. */
export function roundRobin(shares: Shares): Balancer {
  let turn = 0
  return (targets, now) => {
    if (!shares.areEven(targets, now)) return byWeight(targets, shares, now)
    turn = (turn + 1) % targets.length
    return targets[turn]
  }
}

function byWeight(targets: readonly Target[], shares: Shares, now: number): Target | undefined {
  let total = 0
  let next: Target | undefined
  for (const target of targets) {
    const weight = shares.of(target, now)
    total += weight
    target.credit += weight
    if (next === undefined || target.credit > next.credit) next = target
  }
  if (next !== undefined) next.credit -= total
  return next
}
