import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import type { SessionStore } from './session-storage.ts'

const intervalMs = 60_000

export interface SweeperOptions {
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Logger
  readonly idleMs: number
}

/** Deletes now and then what is over. @returns stops it */
export function startSweeper(options: SweeperOptions): () => void {
  const stopped = new AbortController()
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    sweepAll(options, stopped.signal)
      .catch((error: unknown) => options.log.warn({ err: error }, 'expired sessions were not cleaned up'))
      .finally(() => {
        running = false
      })
  }, intervalMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    stopped.abort()
  }
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
