import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { repeat } from '@gatehouse/kit/repeat'
import type { SessionStore } from './session-storage.ts'

const intervalMs = 60_000

export interface SweeperOptions {
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Logger
  readonly idleMs: number
}

/** Deletes now and then what is over. @returns stops it */
export function startSweeper(options: SweeperOptions): () => Promise<void> {
  return repeat({
    everyMs: intervalMs,
    run: (stopped) => sweepAll(options, stopped),
    failed: (err) => options.log.warn({ err }, 'expired sessions were not cleaned up'),
  })
}

/**
 * All of it, a bounded number at a time, so that requests have their turn in between. A bound on the whole would be one on
 * how many requests with proofs of DPoP there may be in the long run: each leaves something to be swept.
 */
export async function sweepAll(
  { store, clock, idleMs }: SweeperOptions,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    const now = clock.now()
    if ((await store.sweep(now, now - idleMs)) === 0) return
  }
}
