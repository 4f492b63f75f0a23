import type { Target } from '../target.ts'
import type { WeightOf } from '../slow-start.ts'
import type { Balancer } from './balancer.ts'

/**
 * Weighted rendezvous hashing: each target draws a lot for the key, and the best one has it. A target that goes takes
 * only its own keys away, and one that comes takes only its share. What has no key goes anywhere.
 */
export function consistentHash(weightOf: WeightOf): Balancer {
  return (targets, now, key = String(Math.random())) => {
    let best: Target | undefined
    let bestLot = -Infinity
    for (const target of targets) {
      const lot = weightOf(target, now) / -Math.log(fraction(`${target.id}\n${key}`))
      if (lot > bestLot) [best, bestLot] = [target, lot]
    }
    return best
  }
}

/** FNV-1a with the finisher of MurmurHash3, which spreads what differs in the last character only; above 0, below 1. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32
}
