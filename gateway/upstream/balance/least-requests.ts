import type { Target } from '../target.ts'
import type { Shares } from '../shares.ts'
import type { Balancer } from './balancer.ts'

/**
 * The less busy of two that are drawn (the power of two choices): nearly as good as the least busy of all, and requests
 * that come at once do not all run to the same one. With unequal weights the draw is weighted, and may draw one twice.
 */
export function leastRequests(shares: Shares): Balancer {
  return (targets, now) => {
    const [one, other] = shares.areEven(targets, now) ? twoOf(targets) : twoByWeight(targets, shares, now)
    if (one === undefined || other === undefined) return one ?? other
    return load(other, shares, now) < load(one, shares, now) ? other : one
  }
}

type Two = readonly [Target | undefined, Target | undefined]

function load(target: Target, shares: Shares, now: number): number {
  return target.inFlight / shares.of(target, now)
}

function twoOf(targets: readonly Target[]): Two {
  const first = Math.floor(Math.random() * targets.length)
  const second = (first + 1 + Math.floor(Math.random() * (targets.length - 1))) % targets.length
  return [targets[first], targets[second]]
}

function twoByWeight(targets: readonly Target[], shares: Shares, now: number): Two {
  const weights = targets.map((target) => shares.of(target, now))
  return [drawn(targets, weights), drawn(targets, weights)]
}

function drawn(targets: readonly Target[], weights: readonly number[]): Target | undefined {
  let left = Math.random() * weights.reduce((sum, weight) => sum + weight, 0)
  return targets.find((_target, at) => (left -= weights[at] ?? 0) < 0) ?? targets.at(-1)
}
