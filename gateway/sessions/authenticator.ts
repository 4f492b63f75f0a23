import type { IncomingMessage } from 'node:http'
import { Problem } from '@gatehouse/kit/errors'
import type { SessionAuthenticator, SessionOutcome } from '../authn/session-authenticator.ts'
import { cookieChallenge } from '../http/challenge.ts'
import { clearCookie, cookieValues, sessionCookie } from './cookies.ts'
import { csrfFault } from './csrf.ts'
import { problemOf } from './problem-of.ts'
import { isSessionId, sessionKey } from './session-id.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** A session, why there is none, or nothing: the request does not name one. */
type Resolved = Session | Problem | undefined

/** Cookie → session. A session at hand is answered without a promise. */
export type SessionResolver = (
  request: IncomingMessage,
  trusted?: ReadonlySet<string>,
  before?: () => Problem | undefined,
) => Resolved | Promise<Resolved>

export function createResolver(sessions: Sessions, origin: string): SessionResolver {
  return (request, trusted, before) => {
    const key = presentedKey(request)
    if (key === undefined || key instanceof Problem) return key
    const fault = csrfFault(request.method, request.headers, origin, trusted)
    if (fault !== undefined) return new Problem('csrf_rejected', { detail: fault })
    const ready = sessions.peek(key)
    if (ready !== undefined) return ready
    return (sessions.isAtHand(key) ? undefined : before?.()) ?? lookUp(sessions, key)
  }
}

export function createAuthenticator(resolve: SessionResolver): SessionAuthenticator {
  return {
    authenticate(request, trusted, before) {
      const resolved = resolve(request, trusted, before)
      return resolved instanceof Promise ? resolved.then(outcome) : outcome(resolved)
    },
  }
}

/** Key of the session that a request names; nothing without a cookie; a Problem when the cookie cannot be ours. */
export function presentedKey(request: IncomingMessage): string | Problem | undefined {
  const values = cookieValues(request.headers.cookie, sessionCookie)
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1) {
    return new Problem('invalid_request', { detail: 'There must be at most one session cookie' })
  }
  return isSessionId(value) ? sessionKey(value) : noSession()
}

/** The session that a request comes with. @throws Problem `no_session`, `csrf_rejected`, `store_unavailable` */
export async function requireSession(resolve: SessionResolver, request: IncomingMessage): Promise<Session> {
  const session = (await resolve(request)) ?? noSession()
  if (session instanceof Problem) throw session
  return session
}

/** 401 that also takes the useless cookie away. */
export function noSession(): Problem {
  const headers = { 'www-authenticate': cookieChallenge, 'set-cookie': clearCookie(sessionCookie) }
  return new Problem('no_session', { headers })
}

async function lookUp(sessions: Sessions, key: string): Promise<Session | Problem> {
  try {
    return (await sessions.get(key)) ?? noSession()
  } catch (error) {
    const problem = problemOf(error)
    if (problem === undefined) throw error
    return problem
  }
}

function outcome(resolved: Resolved): SessionOutcome {
  if (resolved === undefined) return { kind: 'abstain' }
  if (resolved instanceof Problem) return { kind: 'reject', problem: resolved }
  return { kind: 'identity', session: resolved.credential }
}
