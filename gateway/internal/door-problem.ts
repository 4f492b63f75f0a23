import { Problem } from '@gatehouse/kit/errors'
import { insufficientScope, invalidToken } from '../http/challenge.ts'
import type { ExchangeRefusal } from './exchange.ts'

/** What a workload hears that forwards through the door. */
export function doorProblem(refusal: ExchangeRefusal, asked: readonly string[] | undefined): Problem {
  switch (refusal.why) {
    case 'bad_token':
      return invalidToken(refusal.cause)
    case 'no_scope':
      return insufficientScope(asked ?? [])
    case 'unknown_edge':
      return new Problem('forbidden', { detail: 'There is no edge to this service.' })
    case 'too_deep':
      return new Problem('forbidden', { detail: 'The transaction passed through too many services.' })
  }
}
