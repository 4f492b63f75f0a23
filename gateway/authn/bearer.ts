import { Problem } from '@gatehouse/kit/errors'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import { invalidToken, malformedCredentials } from '../http/challenge.ts'
import type { FailedAuthentications } from '../limits/failed-authentications.ts'
import type { GatewayMetrics } from '../metrics.ts'
import type { RequestContext } from '../pipeline/context.ts'
import { abstain, reject, type AuthnOutcome, type Authenticator } from './authenticator.ts'
import { isToken, presentedToken, type PresentedToken } from './authorization-header.ts'
import type { AccessTokenVerifier } from './access-token-verifier.ts'
import type { Caller } from './caller.ts'
import { InOneGo } from './in-one-go.ts'

export interface BearerOptions {
  readonly verifier: AccessTokenVerifier
  readonly failures: FailedAuthentications
  readonly metrics: GatewayMetrics
}

/**
 * Authentication by access token. An address that sent too many bad ones is not served another unknown one until its
 * window ends; tokens that were proven before pass, so that nobody behind the same address is locked out.
 */
export function bearerAuthenticator(options: BearerOptions): Authenticator {
  const { verifier, failures, metrics } = options
  const hits = metrics.tokenCache.child({ result: 'hit' })
  const misses = metrics.tokenCache.child({ result: 'miss' })
  const unknown = new InOneGo()

  const verifyUnknown = (
    context: RequestContext,
    presented: PresentedToken,
  ): AuthnOutcome | Promise<AuthnOutcome> => {
    const tooMany = failures.refusal(context.address)
    if (tooMany !== undefined) return reject(tooMany)
    const refused = (error: unknown): AuthnOutcome => {
      const problem = refusal(error, presented)
      if (problem.status < 500) failures.count(context.address)
      return reject(problem)
    }
    try {
      const proven = verifier.prove(presented.token)
      const outcome =
        proven instanceof Promise
          ? proven.then((caller) => held(context, presented, caller))
          : held(context, presented, proven)
      return outcome instanceof Promise ? outcome.catch(refused) : outcome
    } catch (error) {
      return refused(error)
    }
  }

  /** The proof of the token is remembered; that its holder sent it is asked each time. */
  const held = (
    context: RequestContext,
    presented: PresentedToken,
    caller: Caller,
  ): AuthnOutcome | Promise<AuthnOutcome> => {
    const tooMany = isBound(caller) ? failures.refusalOfHolder(context.address, caller.rateKey) : undefined
    if (tooMany !== undefined) return reject(tooMany)
    const objection = verifier.objection(context.request, presented, caller.claims)
    return objection instanceof Promise
      ? objection.then((later) => concluded(failures, context, caller, later))
      : concluded(failures, context, caller, objection)
  }

  return (context) => {
    const presented = presentedToken(context.request)
    if (presented === undefined) return abstain
    if (presented instanceof Problem) return reject(presented)
    const known = ask(() => verifier.known(presented.token), presented)
    if (known instanceof Problem) return reject(known)
    if (known !== undefined) {
      hits.inc()
      return held(context, presented, known)
    }
    if (!isToken(presented.token)) return reject(malformedCredentials())
    misses.inc()
    return unknown.do(() => verifyUnknown(context, presented))
  }
}

function concluded(
  failures: FailedAuthentications,
  { address }: RequestContext,
  caller: Caller,
  objection: Problem | undefined,
): AuthnOutcome {
  if (objection === undefined) return { kind: 'identity', caller }
  // To ask for a nonce is how a proof begins (RFC 9449 section 9).
  if (objection.code !== 'use_dpop_nonce') failures.countHolder(address, caller.rateKey)
  return reject(objection)
}

/** Every proof of the holder is checked anew, so a known token is no reason to look at any number of them. */
function isBound({ claims: { cnf } }: Caller): boolean {
  return cnf !== undefined
}

function ask(known: () => Caller | undefined, presented: PresentedToken): Caller | undefined | Problem {
  try {
    return known()
  } catch (error) {
    return refusal(error, presented)
  }
}

function refusal(error: unknown, { scheme }: PresentedToken): Problem {
  if (error instanceof Problem) return error
  if (!(error instanceof TokenRejected)) throw error
  return error.reason === 'too_large'
    ? new Problem('headers_too_large', { cause: error })
    : invalidToken(error, scheme)
}
