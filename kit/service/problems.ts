import { CallError, type CallErrorCode } from '../call.ts'
import { Problem, type ProblemCode } from '../errors.ts'
import { isStoreError } from '../store/open.ts'

/**
 * What a handler did not catch, in the words of the wire: a failed call to another service, a lost store.
 * Anything else is returned as it came.
 */
export function asProblem(error: unknown): unknown {
  if (error instanceof CallError) return callProblem(error)
  if (isStoreError(error)) {
    return new Problem('store_unavailable', { headers: { 'retry-after': '1' }, cause: error })
  }
  return error
}

/** A refusal between services is the operator's fault, not the caller's: 502, not 403. */
const codeOf = {
  refused: 'bad_gateway',
  bad_answer: 'bad_gateway',
  unavailable: 'upstream_unavailable',
  timeout: 'gateway_timeout',
  aborted: 'upstream_unavailable',
} as const satisfies Record<CallErrorCode, ProblemCode>

function callProblem(error: CallError): Problem {
  const code = codeOf[error.code]
  if (code !== 'upstream_unavailable') return new Problem(code, { cause: error })
  return new Problem(code, { headers: { 'retry-after': '1' }, cause: error })
}
