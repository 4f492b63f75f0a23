import type { RouteHandlerMethod } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { SessionResolver } from './authenticator.ts'
import { noSession } from './authenticator.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What the browser may know of its session: who, what it may, how long. No token. */
export interface SessionInfo {
  readonly sub: string
  readonly username: string
  readonly name: string
  readonly roles: readonly string[]
  readonly scope: string
  readonly acr?: string
  /** When the person proved who they are, seconds since the epoch. */
  readonly auth_time?: number
  /** ISO 8601. */
  readonly expires_at: string
  readonly idle_expires_at: string
}

export function sessionInfo(session: Session, idleEnd: number): SessionInfo {
  const { claims, record } = session
  const username = record.username ?? claims.sub
  return {
    sub: claims.sub,
    username,
    name: record.name ?? username,
    roles: claims.roles ?? [],
    scope: claims.scope,
    ...(claims.acr === undefined ? {} : { acr: claims.acr }),
    ...(claims.auth_time === undefined ? {} : { auth_time: claims.auth_time }),
    expires_at: new Date(session.endsAt).toISOString(),
    idle_expires_at: new Date(idleEnd).toISOString(),
  }
}

/** GET /auth/session: 401 `no_session` without one. */
export function getSession(resolve: SessionResolver, sessions: Sessions): RouteHandlerMethod {
  return async (request) => {
    const session = await resolve(request.raw)
    if (session === undefined) throw noSession()
    if (session instanceof Problem) throw session
    return sessionInfo(session, sessions.idleEnd(session))
  }
}
