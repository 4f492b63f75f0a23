import type { Target } from '../target.ts'
import type { Shares } from '../shares.ts'
import type { Balancer } from './balancer.ts'
import { hashOf, spread } from './hash.ts'

/**
 * Weighted rendezvous hashing: each target draws a lot for the key, and the best one has it. A target that goes takes
 * only its own keys away, and one that comes takes only its share. What has no key goes anywhere.
 */
export function consistentHash(shares: Shares): Balancer {
  return (targets, now, key = String(Math.random())) => {
    const wanted = hashOf(key)
    const isEven = shares.areEven(targets, now)
    let best: Target | undefined
    let bestLot = -Infinity
    for (const target of targets) {
      const drawn = spread(target.hash ^ wanted)
      // By weight it is the lot of an exponential distribution, of which the logarithm makes no other order where all are even.
      const lot = isEven ? drawn : shares.of(target, now) / -Math.log((drawn + 0.5) / 2 ** 32)
      if (lot > bestLot) [best, bestLot] = [target, lot]
    }
    return best
  }
}
