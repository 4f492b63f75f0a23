import type { Target } from '../target.ts'

/**
 * Chooses a target among at least two.
 * @param now milliseconds since the epoch
 * @param key what should stay on one target; undefined: nothing
 */
export type Balancer = (
  targets: readonly Target[],
  now: number,
  key: string | undefined,
) => Target | undefined
