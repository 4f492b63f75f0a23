import type { Results, SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import { wordsOf } from '../run/words-of.ts'

/** Runs what is wanted, one after the other. What fails is told in one line, and does not stop the others. */
export async function inTurn(
  stage: Stage,
  cases: Readonly<Record<string, () => Promise<SuiteResult>>>,
): Promise<Results> {
  const results = new Map<string, SuiteResult>()
  for (const [id, run] of Object.entries(cases)) {
    if (stage.begin(id).length === 0) continue
    try {
      results.set(id, await run())
    } catch (error) {
      stage.fault(`failed: ${id}: ${wordsOf(error)}`)
    }
  }
  return results
}
