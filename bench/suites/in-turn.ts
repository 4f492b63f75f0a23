import type { SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'

/** Runs what is wanted, one after the other. What fails is told in one line, and does not stop the others. */
export async function inTurn(
  stage: Stage,
  cases: Readonly<Record<string, () => Promise<SuiteResult>>>,
): Promise<readonly SuiteResult[]> {
  const results: SuiteResult[] = []
  for (const [id, run] of Object.entries(cases)) {
    if (!stage.wants(id)) continue
    try {
      results.push(await run())
    } catch (error) {
      stage.progress.note(`failed: ${id}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return results
}
