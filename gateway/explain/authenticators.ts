import { randomUUID } from 'node:crypto'
import type { Clock } from '@gatehouse/kit/clock'
import type { AuthnScheme, Config } from '@gatehouse/kit/config/types'
import { Problem } from '@gatehouse/kit/errors'
import { TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { AccessTokenVerifier } from '../authn/access-token-verifier.ts'
import { abstain, reject, type Authenticator, type AuthnOutcome } from '../authn/authenticator.ts'
import { callerOf } from '../authn/caller.ts'
import { invalidToken } from '../http/challenge.ts'
import type { Question } from './question.ts'

export interface AssumptionParts {
  readonly verifier: AccessTokenVerifier
  readonly clock: Clock
  readonly config: Config
}

/**
 * Who the question is about. A token is verified like any other, but for the proof of a key that it is bound to: that
 * belongs to one request. Refused ones count against nobody.
 */
export function authenticatorsFor(
  { token, as }: Question,
  parts: AssumptionParts,
): Readonly<Record<AuthnScheme, Authenticator>> {
  if (token !== undefined) return { session: () => abstain, bearer: () => prove(parts.verifier, token) }
  if (as === undefined) return { session: () => abstain, bearer: () => abstain }
  return { session: assumed('session', as, parts), bearer: assumed('bearer', as, parts) }
}

async function prove(verifier: AccessTokenVerifier, token: string): Promise<AuthnOutcome> {
  try {
    return { kind: 'identity', caller: await verifier.prove(token) }
  } catch (error) {
    if (error instanceof Problem) return reject(error)
    if (error instanceof TokenRejected) return reject(invalidToken(error))
    throw error
  }
}

/** Where no scopes are stated: those that the route asks for. */
function assumed(
  scheme: AuthnScheme,
  { sub, client_id = sub, scopes, roles, acr }: NonNullable<Question['as']>,
  { clock, config }: AssumptionParts,
): Authenticator {
  return ({ route }) => {
    const now = clock.now()
    const endsAt = now + config.idp.ttl.accessTokenMs
    const claims = {
      iss: config.issuer,
      aud: config.resource,
      sub,
      client_id,
      scope: (scopes ?? route.scopes).join(' '),
      iat: Math.floor(now / 1000),
      exp: Math.floor(endsAt / 1000),
      jti: randomUUID(),
      auth_time: Math.floor(now / 1000),
      ...(roles === undefined ? {} : { roles }),
      ...(acr === undefined ? {} : { acr }),
    }
    const session = scheme === 'session' ? { session: { key: 'explain', endsAt } } : {}
    return { kind: 'identity', caller: callerOf(scheme, claims, session) }
  }
}
