import type { RouteHandlerMethod } from 'fastify'
import { requireSession, type SessionResolver } from './authenticator.ts'
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
  /** The methods by which they did, RFC 8176. */
  readonly amr?: readonly string[]
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
    ...(claims.amr === undefined ? {} : { amr: claims.amr }),
    ...(claims.auth_time === undefined ? {} : { auth_time: claims.auth_time }),
    expires_at: new Date(session.endsAt).toISOString(),
    idle_expires_at: new Date(idleEnd).toISOString(),
  }
}

/** One of a person's sessions, as that person sees it. Times are ISO 8601. */
export interface ListedSession {
  /** Names it to its own person, and opens nothing. */
  readonly id: string
  /** The one that asks. */
  readonly current: boolean
  readonly last_seen_at: string
  readonly expires_at: string
  readonly signed_in_at?: string
  readonly amr?: readonly string[]
  /** What the browser called itself, at most 200 characters. */
  readonly user_agent?: string
}

export function listedSession(
  { key, claims, record, lastSeenAt }: Session,
  { idleEnd, current }: { readonly idleEnd: number; readonly current: boolean },
): ListedSession {
  const { signedInAt, userAgent } = record
  return {
    id: key,
    current,
    last_seen_at: new Date(lastSeenAt).toISOString(),
    expires_at: new Date(idleEnd).toISOString(),
    ...(signedInAt === undefined ? {} : { signed_in_at: new Date(signedInAt).toISOString() }),
    ...(claims.amr === undefined ? {} : { amr: claims.amr }),
    ...(userAgent === undefined ? {} : { user_agent: userAgent }),
  }
}

/** GET /auth/session: 401 `no_session` without one. */
export function getSession(resolve: SessionResolver, sessions: Sessions): RouteHandlerMethod {
  return async (request) => {
    const session = await requireSession(resolve, request.raw)
    return sessionInfo(session, sessions.idleEnd(session))
  }
}
