import type { IncomingMessage } from 'node:http'
import type { FastifyReply, onRequestHookHandler, RouteHandlerMethod } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import type { RevocationIndex } from '../revocation/index.ts'
import { noSession, presentedKey } from './authenticator.ts'
import { clearCookie, cookieValues, sessionCookie } from './cookies.ts'
import { foreignOrigin, isCsrfToken } from './csrf.ts'
import type { RelyingParty } from './relying-party.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

export interface LogoutDeps {
  readonly relyingParty: RelyingParty
  readonly sessions: Sessions
  readonly revocation: RevocationIndex
  readonly origin: string
  readonly log: Logger
}

/** Refuses other sites before a body is read: only our own form comes without the header. */
export function logoutOrigin(origin: string): onRequestHookHandler {
  return (request, _reply, done) => {
    const { method, headers } = request.raw
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
    const detail =
      foreignOrigin(method, headers, origin) ??
      (isScripted(request.raw) || isForm ? undefined : 'The request needs the header X-CSRF: 1')
    done(detail === undefined ? undefined : new Problem('csrf_rejected', { detail }))
  }
}

/**
 * POST /auth/logout: ends the session here, then tells where it is ended at the IdP. A script gets that address in
 * `logout_url`, a form is sent there.
 */
export function logout(deps: LogoutDeps): RouteHandlerMethod {
  return async (request, reply) => {
    if (!isScripted(request.raw)) requireFormToken(request.raw, request.body)
    const key = presentedKey(request.raw)
    if (key instanceof Problem) throw key
    const session = key === undefined ? undefined : await deps.sessions.read(key)
    if (session === undefined) return signedOutAlready(request.raw, reply)
    await end(deps, session)
    const target = await identityLogout(deps)
    reply.header('set-cookie', clearCookie(sessionCookie))
    return isScripted(request.raw) ? reply.send({ logout_url: target }) : reply.redirect(target, 303)
  }
}

function isScripted(request: IncomingMessage): boolean {
  return request.headers['x-csrf'] === '1'
}

function requireFormToken(request: IncomingMessage, body: unknown): void {
  const [sessionId] = cookieValues(request.headers.cookie, sessionCookie)
  const field = typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined
  if (sessionId === undefined || isCsrfToken(field, sessionId)) return
  throw new Problem('csrf_rejected', { detail: 'The form is not one of this session; reload the page' })
}

function signedOutAlready(request: IncomingMessage, reply: FastifyReply): FastifyReply {
  if (isScripted(request)) throw noSession()
  return reply.header('set-cookie', clearCookie(sessionCookie)).redirect('/', 303)
}

async function end({ sessions, revocation, relyingParty, log }: LogoutDeps, session: Session): Promise<void> {
  await sessions.end(session.key)
  // By `jti`: the IdP's own session may go on, and a new sign-in from it carries the same `sid`.
  revocation.revoke({ by: 'jti', value: session.claims.jti })
  const { refreshToken } = session.record
  if (refreshToken === undefined) return
  try {
    await relyingParty.revoke(refreshToken)
  } catch (error) {
    log.warn({ err: error, session: session.key }, 'the refresh token was not revoked at the identity server')
  }
}

async function identityLogout({ relyingParty, origin, log }: LogoutDeps): Promise<string> {
  try {
    return (await relyingParty.endSessionUrl()).href
  } catch (error) {
    log.warn({ err: error }, 'signed out here only: the identity server cannot be reached')
    return `${origin}/`
  }
}
