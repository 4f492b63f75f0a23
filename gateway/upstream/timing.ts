import type { UpstreamConfig } from '@gatehouse/kit/config/types'

/** How long a request may take, in milliseconds; 0: not limited by itself. */
export interface Timing {
  /** From now until the last byte of the answer. */
  readonly totalMs: number
  /** From the request being sent until the head of the answer. */
  readonly firstByteMs: number
  /** Silence within the answer. */
  readonly idleMs: number
}

export interface TimingWanted {
  readonly timeoutMs: number
  readonly firstByteMs?: number | undefined
  readonly idleMs?: number | undefined
}

/**
 * An answer with an end is limited as a whole, and further limits that are no shorter are left out: each costs a timer.
 * A stream is limited only until it begins, and by its silence.
 */
export function timingOf(
  wanted: TimingWanted,
  upstream: UpstreamConfig['timeouts'],
  isStream: boolean,
): Timing {
  const firstByteMs = wanted.firstByteMs ?? upstream.firstByteMs ?? wanted.timeoutMs
  const idleMs = wanted.idleMs ?? upstream.idleMs
  if (isStream) return { totalMs: 0, firstByteMs, idleMs }
  const shorter = (ms: number): number => (ms < wanted.timeoutMs ? ms : 0)
  return { totalMs: wanted.timeoutMs, firstByteMs: shorter(firstByteMs), idleMs: shorter(idleMs) }
}
