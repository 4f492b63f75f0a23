import { runExchange } from './kit/exchange.ts'
import { runGuard } from './kit/guard.ts'
import { inTurn } from './in-turn.ts'
import type { Suite } from './suite.ts'

export const kitSuite: Suite = {
  name: 'kit',
  about: 'the guard in a service, and token exchange at the internal door',
  cases: { guard: 22, exchange: 10 },
  run: (stage) => inTurn(stage, { guard: () => runGuard(stage), exchange: () => runExchange(stage) }),
}
