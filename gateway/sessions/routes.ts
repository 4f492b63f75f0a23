import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FailurePage } from '../web/failure-page.ts'
import { backchannelLogout, type BackchannelDeps } from './backchannel-logout.ts'
import { callback, type CallbackDeps } from './callback.ts'
import { login, loginPath } from './login.ts'
import { logout, type LogoutDeps } from './logout.ts'
import { ownForm } from './own-form.ts'
import { endOtherSession, listSessions, type OwnSessionsDeps } from './own-sessions.ts'
import { problemOf } from './problem-of.ts'
import { singleParameter } from './query.ts'
import { parseReturnTo } from '../http/return-to.ts'
import { getSession } from './session-info.ts'

const formBytes = 32 * 1024

export type AuthRouteDeps = CallbackDeps &
  LogoutDeps &
  OwnSessionsDeps &
  BackchannelDeps & {
    readonly failurePage: FailurePage
    readonly countLogin: (result: 'completed' | 'refused' | 'unavailable') => void
  }

/** Everything under /auth. */
export function registerAuthRoutes(app: FastifyInstance, deps: AuthRouteDeps): void {
  app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: formBytes })
    scope.addHook('onRequest', (_request, reply, done) => {
      reply.header('cache-control', 'no-store')
      done()
    })
    scope.setErrorHandler((error, request, reply) => answerFailure(deps, error, request, reply))
    // Not for HEAD, which must change nothing.
    scope.get('/auth/login', { exposeHeadRoute: false }, login(deps))
    scope.get('/auth/callback', { exposeHeadRoute: false, onResponse: countLogin(deps) }, callback(deps))
    scope.get('/auth/session', getSession(deps.resolve, deps.sessions))
    scope.post('/auth/logout', { onRequest: ownForm(deps.origin) }, logout(deps))
    scope.get('/auth/sessions', listSessions(deps))
    scope.post('/auth/sessions/end', { onRequest: ownForm(deps.origin) }, endOtherSession(deps))
    scope.post('/auth/backchannel-logout', backchannelLogout(deps))
  })
}

/** People who are signing in get a page, everyone else what the server answers to any problem. */
function answerFailure(
  deps: AuthRouteDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error)
  if (problem === undefined) throw error
  const path = request.url.split('?', 1)[0] ?? ''
  deps.log.info(
    { txn: request.id, path, code: problem.code, err: problem.cause },
    'request under /auth failed',
  )
  if (!wantsPage(path, request)) throw problem
  return deps.failurePage(reply, { problem, txn: request.id, retry: loginPath(wantedReturn(deps, request)) })
}

function wantsPage(path: string, request: FastifyRequest): boolean {
  const isSignIn = path === '/auth/login' || path === '/auth/callback'
  return isSignIn && request.headers.accept?.includes('text/html') === true
}

/** Where the sign-in that failed was to lead. */
function wantedReturn({ cookies }: AuthRouteDeps, request: FastifyRequest): string {
  const { url, headers } = request.raw
  const state = singleParameter(url, 'state')
  const attempt = typeof state === 'string' ? cookies.find(state, headers.cookie) : undefined
  const given = attempt?.returnTo ?? singleParameter(url, 'return_to')
  return (typeof given === 'string' ? parseReturnTo(given) : undefined) ?? '/'
}

function countLogin({ countLogin: count }: AuthRouteDeps) {
  return (_request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const failed = reply.statusCode < 500 ? 'refused' : 'unavailable'
    count(reply.statusCode < 400 ? 'completed' : failed)
    done()
  }
}
