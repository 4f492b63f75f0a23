import { joined } from '../report/result.ts'
import type { SuiteResult } from '../report/result.ts'
import type { Stage } from '../run/stage.ts'
import { runExchange } from './kit/exchange.ts'
import { runGuard } from './kit/guard.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

export const kitSuite: Suite = {
  name: 'kit',
  about: 'the guard in a service, and token exchange at the internal door',
  cases: ['guard', 'exchange'],
  run: async (stage: Stage): Promise<SuiteResult> =>
    joined(await inTurn(stage, { guard: () => runGuard(stage), exchange: () => runExchange(stage) })),
}
