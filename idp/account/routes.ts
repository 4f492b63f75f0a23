import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { routes } from '../provider/routes.ts'
import { accountSignInUrl } from './client.ts'
import { accountPage } from './page.ts'
import { changePassword } from './password.ts'
import { answerRequest } from './requests.ts'
import { revokeApplication } from './revoke.ts'
import { ownSession, requireFormOf, type OwnSession } from './session.ts'

const done: Readonly<Record<string, string>> = {
  password: 'Your password is changed. You are signed out everywhere else.',
  allowed: 'Done. The application can go on.',
  refused: 'Done. The application was told that you do not allow it.',
  revoked: 'Done. The application can no longer act for you.',
}

/** The page that leads to the account, and not by itself. */
const signedOutPath = `${routes.end_session}/success`

type FormAction = (
  deps: IdpDeps,
  session: OwnSession,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply>

/** Self-service, under the IdP's own session. */
export function accountRoutes(scope: FastifyInstance, deps: IdpDeps): void {
  scope.get('/account', (request, reply) => showAccount(deps, request, reply))
  scope.post('/account/password', (request, reply) => act(deps, changePassword, request, reply))
  if (deps.isCibaOn)
    scope.post('/account/requests', (request, reply) => act(deps, answerRequest, request, reply))
  scope.post('/account/revoke', (request, reply) => act(deps, revokeApplication, request, reply))
}

async function showAccount(
  deps: IdpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = new URL(request.url, deps.issuer).searchParams
  // Back from the authorization endpoint; what it brings along is of no use, and must not stay in the address bar.
  if (query.has('code')) return redirect(reply, '/account')
  const session = await ownSession(deps, request, reply)
  if (session !== undefined) {
    const word = query.get('done') ?? ''
    const text = Object.hasOwn(done, word) ? done[word] : undefined
    return accountPage(deps, session, reply, text === undefined ? {} : { done: text })
  }
  // The person did not want to sign in, or could not: trying again by itself would be a loop.
  return redirect(reply, query.has('error') ? signedOutPath : accountSignInUrl(deps.issuer))
}

async function act(
  deps: IdpDeps,
  action: FormAction,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const session = await ownSession(deps, request, reply)
  if (session === undefined) return redirect(reply, '/account')
  requireFormOf(session, request.body)
  reply.header('cache-control', 'no-store')
  return action(deps, session, request, reply)
}

function redirect(reply: FastifyReply, to: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(to, 303)
}
