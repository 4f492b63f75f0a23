import type { SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'

export interface Suite {
  readonly name: string
  readonly about: string
  /** Ids of what it measures, for `--only`. */
  readonly cases: readonly string[]
  run(stage: Stage): Promise<SuiteResult>
}
