import { setTimeout as sleep } from 'node:timers/promises'

type Check = () => boolean | Promise<boolean>

/**
 * Asks until the answer is yes, at most 15 s unless told otherwise: for what comes a moment later, such as a log that is written in batches.
 * Answers whether it did.
 */
export async function eventually(check: Check, patienceMs = 15_000): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    if (await check()) return true
    await sleep(10)
  }
  return check()
}

/**
 * Waits for what has to be before a test can go on.
 * @throws {Error} after 15 s, unless told otherwise.
 */
export async function until(check: Check, patienceMs = 15_000): Promise<void> {
  if (!(await eventually(check, patienceMs)))
    throw new Error(`it did not come to that within ${patienceMs / 1000} s: ${check.toString()}`)
}
