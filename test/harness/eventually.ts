import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is yes, at most 15 s: for what comes a moment later, such as a log that is written in batches.
 * Answers whether it did.
 */
export async function eventually(check: () => boolean): Promise<boolean> {
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline) {
    if (check()) return true
    await sleep(10)
  }
  return check()
}
