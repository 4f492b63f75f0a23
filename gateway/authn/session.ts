import type { IncomingMessage } from 'node:http'
import type { FailedAuthentications } from '../limits/failed-authentications.ts'
import type { Route } from '../routing/route.ts'
import { abstain, reject, type AuthnOutcome, type Authenticator } from './authenticator.ts'
import { callerOf, type Caller } from './caller.ts'
import type { SessionAuthenticator, SessionCredential, SessionOutcome } from './session-authenticator.ts'

/**
 * Authentication by browser session. An address that named too many sessions that there are not has no other looked up until
 * its window ends; those at hand are served, so that nobody behind the same address is signed out.
 */
export function sessionAuthenticator(
  sessions: SessionAuthenticator,
  failures: FailedAuthentications,
): Authenticator {
  // A credential never changes: when its session's tokens are renewed, the session has another one.
  const callers = new WeakMap<SessionCredential, AuthnOutcome>()

  const identity = (session: SessionCredential): AuthnOutcome => {
    const known = callers.get(session)
    if (known !== undefined) return known
    const outcome: AuthnOutcome = { kind: 'identity', caller: callerOfSession(session) }
    callers.set(session, outcome)
    return outcome
  }

  const asAuthnOutcome = (outcome: SessionOutcome): AuthnOutcome => {
    switch (outcome.kind) {
      case 'identity':
        return identity(outcome.session)
      case 'reject':
        return reject(outcome.problem)
      case 'abstain':
        return abstain
    }
  }

  return ({ request, route, address }) => {
    const trusted = trustedOrigins(request, route)
    const outcome = sessions.authenticate(request, trusted, () => failures.refusal(address))
    if (!(outcome instanceof Promise)) return asAuthnOutcome(outcome)
    return outcome.then((later) => {
      if (later.kind === 'reject' && later.problem.code === 'no_session') failures.count(address)
      return asAuthnOutcome(later)
    })
  }
}

/** From where, besides our own pages, a session may be used: by what opens a WebSocket, or reads and changes nothing. */
function trustedOrigins(
  { method, headers }: IncomingMessage,
  { websocket, cors }: Pick<Route, 'websocket' | 'cors'>,
): ReadonlySet<string> | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  return headers.upgrade === undefined ? cors?.sessionOrigins : websocket?.origins
}

/** Who a session speaks for. */
export function callerOfSession({ claims, expiresAt: endsAt, key }: SessionCredential): Caller {
  return callerOf('session', claims, { session: { key, endsAt } })
}
