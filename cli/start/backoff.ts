const firstMs = 250
const mostMs = 10_000
const spread = 0.2

/** A part that ran at least this long is taken for healthy: the next wait starts small again. */
export const healthyMs = 30_000

/** How long to wait before the n-th restart in a row (from 0): exponential, within ±20% so that parts spread out. */
export function restartDelayMs(restarts: number, random: () => number = Math.random): number {
  const exact = Math.min(mostMs, firstMs * 2 ** Math.min(restarts, 16))
  return Math.round(exact * (1 + spread * (2 * random() - 1)))
}
