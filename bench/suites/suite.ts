import type { Results } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'

export interface Suite {
  readonly name: string
  readonly about: string
  /** What it measures, in its order: ids, for `--only`, and the seconds that each takes in a default run. */
  readonly cases: Readonly<Record<string, number>>
  run(stage: Stage): Promise<Results>
}
