import type { Spread } from '../run/statistics.ts'

export function ratioText({ median, low, high }: Spread): string {
  return `${median.toFixed(2)}  (${low.toFixed(2)}–${high.toFixed(2)})`
}

export function percentText(share: number): string {
  return Number.isNaN(share) ? '?' : `${Math.round(share * 100)} %`
}

/** Microseconds as milliseconds. */
export function millisecondsText(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(microseconds < 10_000 ? 2 : 1)} ms`
}
