import type { KeyObject } from 'node:crypto'
import type { RouteHandlerMethod } from 'fastify'
import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { RevocationIndex } from '../revocation/index.ts'
import { type LogoutClaims, readLogoutClaims } from './logout-token.ts'
import type { SessionStore } from './session-storage.ts'
import type { Sessions } from './sessions.ts'

/** Finds the IdP's public keys. */
export interface IssuerKeys {
  resolve(kid: string): Promise<{ readonly key: KeyObject } | undefined>
}

export interface BackchannelDeps {
  readonly issuerKeys: IssuerKeys
  readonly sessions: Sessions
  readonly store: SessionStore
  readonly revocation: RevocationIndex
  readonly clock: Clock
  readonly log: Logger
  readonly issuer: string
  readonly clientId: string
}

/**
 * POST /auth/backchannel-logout: the IdP says that a login, or an account, has ended (OpenID Connect Back-Channel
 * Logout 1.0 section 2.5). Answers 200, or 400 as RFC 6749 section 5.2 writes errors.
 */
export function backchannelLogout(deps: BackchannelDeps): RouteHandlerMethod {
  return async (request, reply) => {
    try {
      const claims = await verify(deps, logoutTokenOf(request.body))
      const isFirst = await deps.store.useOnce(`logout ${claims.jti}`, claims.forgetAt)
      if (!isFirst) throw new TokenRejected('revoked', 'jti was used already')
      await end(deps, claims)
      return reply.code(200).send()
    } catch (error) {
      if (!(error instanceof TokenRejected)) throw error
      deps.log.info({ txn: request.id, reason: error.reason, detail: error.message }, 'logout token refused')
      return reply.code(400).send({ error: 'invalid_request' })
    }
  }
}

function logoutTokenOf(body: unknown): string {
  const token =
    typeof body === 'object' && body !== null && 'logout_token' in body ? body.logout_token : undefined
  if (typeof token !== 'string') throw new TokenRejected('malformed', 'logout_token must come once')
  return token
}

async function verify(deps: BackchannelDeps, token: string): Promise<LogoutClaims> {
  const { issuerKeys, issuer, clientId, clock } = deps
  const unverified = parseUnverified(token)
  requireType(unverified, 'logout+jwt')
  const found = await issuerKeys.resolve(unverified.header.kid)
  if (found === undefined) throw new TokenRejected('unknown_key')
  requireEs256(unverified, found.key)
  return readLogoutClaims(unverified.payload, { issuer, clientId, now: clock.now() })
}

async function end(deps: BackchannelDeps, { by, value }: LogoutClaims): Promise<void> {
  const { sessions, revocation, clock, log } = deps
  // The index first: nobody can send this token again, so it has to count whatever becomes of the store.
  revocation.revoke(by === 'sid' ? { by, value } : { by, value, before: clock.now() })
  const count = await sessions.endBy(by, value)
  log.info({ by, value, sessions: count }, 'signed out by the identity server')
}
