export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Median and range of the values. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) }
}

/** Ratios round by round: what was measured in one round is compared only within that round. */
export function ratios(values: readonly number[], to: readonly number[]): readonly number[] {
  return values.flatMap((value, round) => {
    const base = to[round]
    return base === undefined || base === 0 ? [] : [value / base]
  })
}
