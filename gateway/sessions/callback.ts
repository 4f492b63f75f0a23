import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '@gatehouse/kit/clock'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { IDToken } from 'openid-client'
import type { AccessClaims } from '@gatehouse/kit/tokens/claims'
import { requireAsAsked } from './asked.ts'
import { presentedKey } from './authenticator.ts'
import { sessionCookie, setCookie } from './cookies.ts'
import { IdpRefused } from './idp-failure.ts'
import { attemptEnd, attemptId, type LoginAttempt, type LoginCookies } from './login-attempt.ts'
import { queryOf, singleParameter } from './query.ts'
import type { RelyingParty } from './relying-party.ts'
import type { SessionStore } from './session-storage.ts'
import type { SessionRecord } from './session.ts'
import type { Sessions } from './sessions.ts'

export interface CallbackDeps {
  readonly relyingParty: RelyingParty
  readonly cookies: LoginCookies
  readonly store: SessionStore
  readonly sessions: Sessions
  readonly clock: Clock
  readonly clientId: string
  readonly verifyAccessToken: (token: string) => Promise<AccessClaims>
}

/**
 * GET /auth/callback: the IdP's answer. Everything is checked before anything is set: the answer belongs to a sign-in
 * that this browser began and has not finished, and every token is what it should be.
 */
export function callback(deps: CallbackDeps): RouteHandlerMethod {
  return async (request, reply) => {
    const attempt = await useAttempt(deps, request, reply)
    const id = await signIn(deps, attempt, request.raw)
    const before = presentedKey(request.raw)
    if (typeof before === 'string') await deps.sessions.end(before)
    return reply.header('set-cookie', setCookie(sessionCookie, id)).redirect(attempt.returnTo, 303)
  }
}

/** The attempt behind `state`, which this use spends: in the browser and, for whoever keeps cookies, in the store. */
async function useAttempt(
  { cookies, store }: CallbackDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<LoginAttempt> {
  const state = singleParameter(request.raw.url, 'state')
  if (typeof state !== 'string') throw new IdpRefused('unknown_attempt')
  const attempt = cookies.find(state, request.raw.headers.cookie)
  if (attempt === undefined) throw new IdpRefused('unknown_attempt')
  reply.header('set-cookie', cookies.remove(state))
  const isFirst = await store.useOnce(`state ${attemptId(state)}`, attemptEnd(attempt))
  if (!isFirst) throw new IdpRefused('unknown_attempt')
  return attempt
}

async function signIn(
  deps: CallbackDeps,
  attempt: LoginAttempt,
  { url, headers }: IncomingMessage,
): Promise<string> {
  const { relyingParty, sessions, clock, clientId, verifyAccessToken } = deps
  const { accessToken, refreshToken, idClaims } = await relyingParty.redeem(queryOf(url), attempt)
  const claims = await verifyAccessToken(accessToken)
  requireAsAsked(attempt, claims)
  if (claims.sub !== idClaims.sub || claims.client_id !== clientId) throw new IdpRefused('other_subject')
  const record: SessionRecord = {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...names(idClaims),
    signedInAt: clock.now(),
    ...(headers['user-agent'] === undefined ? {} : { userAgent: headers['user-agent'].slice(0, 200) }),
  }
  return sessions.create(record, claims, loginOf(claims, idClaims))
}

function names({ preferred_username: username, name }: IDToken): Pick<SessionRecord, 'username' | 'name'> {
  return {
    ...(typeof username === 'string' ? { username } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  }
}

/** An IdP that names no login gets one of ours, which only this session carries. */
function loginOf(claims: AccessClaims, { sid }: IDToken): string {
  return claims.sid ?? (typeof sid === 'string' ? sid : `local-${randomUUID()}`)
}
