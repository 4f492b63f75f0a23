import { Problem } from '@gatehouse/kit/errors'
import type { AuthnScheme } from '@gatehouse/kit/config/types'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { cookieChallenge, missingCredentials } from '../http/challenge.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { RequestContext, Stage, StageResult } from '../pipeline/context.ts'
import type { Authenticator, AuthnOutcome } from './authenticator.ts'

/** Asks the route's authenticators in its order: the first that does not abstain decides. Nobody: 401. */
export function authenticate(
  authenticators: Readonly<Record<AuthnScheme, Authenticator>>,
  metrics: GatewayMetrics,
): Stage {
  const refuse = (problem: Problem): Problem => {
    metrics.authnFailures.child({ reason: reasonOf(problem) }).inc()
    return problem
  }

  const conclude = (
    outcome: AuthnOutcome,
    context: RequestContext,
    next: number,
  ): StageResult | Promise<StageResult> => {
    if (outcome.kind === 'identity') return { caller: outcome.caller }
    if (outcome.kind === 'reject') return refuse(outcome.problem)
    return askFrom(context, next)
  }

  const askFrom = (context: RequestContext, at: number): StageResult | Promise<StageResult> => {
    const scheme = context.route.authn[at]
    if (scheme === undefined) return refuse(noCredential(context.route.authn))
    const outcome = authenticators[scheme](context)
    return outcome instanceof Promise
      ? outcome.then((later) => conclude(later, context, at + 1))
      : conclude(outcome, context, at + 1)
  }

  return (context) => askFrom(context, 0)
}

function noCredential(schemes: readonly AuthnScheme[]): Problem {
  if (schemes.includes('bearer')) return missingCredentials()
  return new Problem('no_session', { headers: { 'www-authenticate': cookieChallenge } })
}

/** A bounded set of words: it becomes a label. */
function reasonOf(problem: Problem): string {
  return problem.cause instanceof TokenRejected ? problem.cause.reason : problem.code
}
