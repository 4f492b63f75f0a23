import type { Target } from '../target.ts'
import type { WeightOf } from '../slow-start.ts'
import type { Balancer } from './balancer.ts'

/**
 * The less busy of two that are drawn (the power of two choices): nearly as good as the least busy of all, and requests
 * that come at once do not all run to the same one. With unequal weights the draw is weighted, and may draw one twice.
 */
export function leastRequests(weightOf: WeightOf): Balancer {
  return (targets, now) => {
    const weights = targets.map((target) => weightOf(target, now))
    const isEven = weights.every((weight) => weight === weights[0])
    const [one, other] = isEven ? twoOf(targets) : [drawn(targets, weights), drawn(targets, weights)]
    if (one === undefined || other === undefined) return one ?? other
    return load(other, weightOf, now) < load(one, weightOf, now) ? other : one
  }
}

function load(target: Target, weightOf: WeightOf, now: number): number {
  return target.inFlight / weightOf(target, now)
}

function twoOf(targets: readonly Target[]): readonly [Target | undefined, Target | undefined] {
  const first = Math.floor(Math.random() * targets.length)
  const second = (first + 1 + Math.floor(Math.random() * (targets.length - 1))) % targets.length
  return [targets[first], targets[second]]
}

function drawn(targets: readonly Target[], weights: readonly number[]): Target | undefined {
  let left = Math.random() * weights.reduce((sum, weight) => sum + weight, 0)
  return targets.find((_target, at) => (left -= weights[at] ?? 0) < 0) ?? targets.at(-1)
}
