import { abstain, reject, type AuthnOutcome, type Authenticator } from './authenticator.ts'
import { callerOf } from './caller.ts'
import type { SessionAuthenticator, SessionOutcome } from './session-authenticator.ts'

/** Authentication by browser session. */
export function sessionAuthenticator(sessions: SessionAuthenticator): Authenticator {
  return ({ request, route }) => {
    const trusted = request.method === 'GET' ? route.websocket?.origins : undefined
    const outcome = sessions.authenticate(request, trusted)
    return outcome instanceof Promise ? outcome.then(asAuthnOutcome) : asAuthnOutcome(outcome)
  }
}

function asAuthnOutcome(outcome: SessionOutcome): AuthnOutcome {
  switch (outcome.kind) {
    case 'identity': {
      const { claims, expiresAt: endsAt, key } = outcome.session
      return { kind: 'identity', caller: callerOf('session', claims, { session: { key, endsAt } }) }
    }
    case 'reject':
      return reject(outcome.problem)
    case 'abstain':
      return abstain
  }
}
