import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is yes, at most 15 s unless told otherwise: for what comes a moment later, such as a log that is written in batches.
 * Answers whether it did.
 */
export async function eventually(check: () => boolean, patienceMs = 15_000): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    if (check()) return true
    await sleep(10)
  }
  return check()
}
