import type { CallError, CallErrorCode } from '../call.ts'
import { Problem, type ProblemCode } from '../errors.ts'

/** A refusal between services is the operator's fault, not the caller's: 502, not 403. */
const codeOf = {
  refused: 'bad_gateway',
  bad_answer: 'bad_gateway',
  unavailable: 'upstream_unavailable',
  timeout: 'gateway_timeout',
  aborted: 'upstream_unavailable',
} as const satisfies Record<CallErrorCode, ProblemCode>

/** What the caller hears of a call to another service that failed and that no handler caught. */
export function callProblem(error: CallError): Problem {
  const code = codeOf[error.code]
  if (code !== 'upstream_unavailable') return new Problem(code, { cause: error })
  return new Problem(code, { headers: { 'retry-after': '1' }, cause: error })
}
