import type { FastifyRequest, RouteHandlerMethod } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { noSession, presentedKey, requireSession, type SessionResolver } from './authenticator.ts'
import type { Ending } from './ending.ts'
import { fieldOf, isScripted, requireOwnForm } from './own-form.ts'
import { type ListedSession, listedSession } from './session-info.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

export interface OwnSessionsDeps {
  readonly resolve: SessionResolver
  readonly sessions: Sessions
  readonly ending: Ending
}

/** The sessions of the same account, the newest first. */
export async function ownSessions(sessions: Sessions, own: Session): Promise<readonly ListedSession[]> {
  const all = await sessions.ofAccount(own.sub)
  return all.map((one) =>
    listedSession(one, { idleEnd: sessions.idleEnd(one), current: one.key === own.key }),
  )
}

/** GET /auth/sessions: where else this person is signed in. */
export function listSessions({ resolve, sessions }: OwnSessionsDeps): RouteHandlerMethod {
  return async (request) => ({
    items: await ownSessions(sessions, await requireSession(resolve, request.raw)),
  })
}

/**
 * POST /auth/sessions/end with `id`: ends another session of the same person, here and at the IdP, where that browser
 * could otherwise sign in again without being asked. A script gets 204, a form goes back to the start.
 */
export function endOtherSession({ sessions, ending }: OwnSessionsDeps): RouteHandlerMethod {
  return async (request, reply) => {
    requireOwnForm(request.raw, request.body)
    const own = await presented(sessions, request)
    const id = fieldOf(request.body, 'id')
    const other = id === undefined ? undefined : await sessions.read(id)
    if (other === undefined || other.sub !== own.sub) throw new Problem('not_found')
    if (other.key === own.key) {
      throw new Problem('invalid_request', { detail: 'This is the session that asks: sign out instead' })
    }
    // Two browsers with one login at the IdP: ending that would end the session that asks as well.
    if (other.sid === own.sid) await ending.here(other)
    else await ending.everywhere(other)
    return isScripted(request.raw) ? reply.code(204).send() : reply.redirect('/', 303)
  }
}

async function presented(sessions: Sessions, { raw }: FastifyRequest): Promise<Session> {
  const key = presentedKey(raw)
  if (key instanceof Problem) throw key
  const session = key === undefined ? undefined : await sessions.get(key)
  if (session === undefined) throw noSession()
  return session
}
