import { Problem } from '@gatehouse/kit/errors'
import { isStoreError } from '@gatehouse/kit/store/open'
import type { RequestContext, Stage, StageResult } from './context.ts'

/**
 * Runs the stages in order until one objects. It waits only for a stage that has to wait, because a request whose
 * token is known should not leave the turn of the event loop that it came in.
 * @param conclude gets the problem of the first stage that had one. A stage that throws lets nothing pass.
 */
export function runStages(
  stages: readonly Stage[],
  context: RequestContext,
  conclude: (problem: Problem | undefined) => void,
  from = 0,
): void {
  for (let at = from; at < stages.length; at++) {
    const result = attempt(stages[at], context)
    if (result instanceof Promise) {
      const proceed = (later: StageResult): void => {
        if (later instanceof Problem) return conclude(later)
        record(context, later)
        runStages(stages, context, conclude, at + 1)
      }
      result.then(proceed, (thrown: unknown) => conclude(problemOf(thrown)))
      return
    }
    if (result instanceof Problem) return conclude(result)
    record(context, result)
  }
  conclude(undefined)
}

function attempt(stage: Stage | undefined, context: RequestContext): StageResult | Promise<StageResult> {
  try {
    return stage?.(context)
  } catch (thrown) {
    return problemOf(thrown)
  }
}

function record(context: RequestContext, finding: Exclude<StageResult, Problem>): void {
  if (finding === undefined) return
  if (finding.caller !== undefined) context.caller = finding.caller
  if (finding.rate !== undefined) context.rate = finding.rate
  if (finding.token !== undefined) context.token = finding.token
  if (finding.body !== undefined) context.body = finding.body
  if (finding.tokenTxn !== undefined) context.tokenTxn = finding.tokenTxn
}

/** Fail closed: what nobody foresaw is a 500, and a lost store says when to come back. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (isStoreError(thrown)) {
    return new Problem('store_unavailable', { headers: { 'retry-after': '1' }, cause: thrown })
  }
  return new Problem('internal_error', { cause: thrown })
}
