import type { IncomingMessage } from 'node:http'
import type { FastifyReply, RouteHandlerMethod } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import { noSession, presentedKey } from './authenticator.ts'
import { clearCookie, sessionCookie } from './cookies.ts'
import type { Ending } from './ending.ts'
import { isScripted, requireOwnForm } from './own-form.ts'
import type { RelyingParty } from './relying-party.ts'
import type { Sessions } from './sessions.ts'

export interface LogoutDeps {
  readonly relyingParty: RelyingParty
  readonly sessions: Sessions
  readonly ending: Ending
  readonly origin: string
  readonly log: Logger
}

/**
 * POST /auth/logout: ends the session here, at the IdP and at its other clients, and revokes the refresh token. A script
 * gets in `logout_url` where to go on, a form is sent there: to the start, or, when the IdP could not be told from here,
 * to where it asks the person itself.
 */
export function logout(deps: LogoutDeps): RouteHandlerMethod {
  return async (request, reply) => {
    requireOwnForm(request.raw, request.body)
    const key = presentedKey(request.raw)
    if (key instanceof Problem) throw key
    const session = key === undefined ? undefined : await deps.sessions.read(key)
    if (session === undefined) return signedOutAlready(request.raw, reply)
    const isOver = await deps.ending.everywhere(session)
    const target = isOver ? `${deps.origin}/` : await identityLogout(deps)
    reply.header('set-cookie', clearCookie(sessionCookie))
    return isScripted(request.raw) ? reply.send({ logout_url: target }) : reply.redirect(target, 303)
  }
}

function signedOutAlready(request: IncomingMessage, reply: FastifyReply): FastifyReply {
  if (isScripted(request)) throw noSession()
  return reply.header('set-cookie', clearCookie(sessionCookie)).redirect('/', 303)
}

async function identityLogout({ relyingParty, origin, log }: LogoutDeps): Promise<string> {
  try {
    return (await relyingParty.endSessionUrl()).href
  } catch (error) {
    log.warn({ err: error }, 'signed out here only: the identity server cannot be reached')
    return `${origin}/`
  }
}
