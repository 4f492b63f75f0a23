import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import type { SessionStore } from './session-storage.ts'

const intervalMs = 60_000
const roundsPerSweep = 20

/** Deletes expired sessions now and then, a bounded number at a time. @returns stops it */
export function startSweeper(options: {
  readonly store: SessionStore
  readonly clock: Clock
  readonly log: Logger
  readonly idleMs: number
}): () => void {
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    sweep(options)
      .catch((error: unknown) => options.log.warn({ err: error }, 'expired sessions were not cleaned up'))
      .finally(() => {
        running = false
      })
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

async function sweep(options: Parameters<typeof startSweeper>[0]): Promise<void> {
  for (let round = 0; round < roundsPerSweep; round += 1) {
    const now = options.clock.now()
    if ((await options.store.sweep(now, now - options.idleMs)) === 0) return
  }
}
