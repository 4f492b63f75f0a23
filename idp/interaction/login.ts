import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import type { SignInResult } from '../accounts/sign-in.ts'
import type { IdpDeps } from '../deps.ts'
import { field } from '../http/form.ts'
import { sendPage } from '../http/pages.ts'
import { passwordSignIn } from '../provider/claims.ts'
import { text } from '../provider/show.ts'
import { logoPath, shownClient } from './client.ts'
import { currentInteraction, finish, type CurrentInteraction } from './current.ts'

const refusedText = 'The user name or the password is not right.'
const throttledText = 'There were too many attempts. Wait a few minutes and try again.'

export function showLogin(
  deps: IdpDeps,
  current: CurrentInteraction,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const hint = text(current.interaction.params['login_hint']) ?? ''
  return loginPage(deps, current, reply, { username: hint.slice(0, 64), fault: undefined, status: 200 })
}

/** POST /interaction/:uid/login */
export async function submitLogin(
  deps: IdpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const current = await currentInteraction(deps.host, request, reply)
  if (current.interaction.prompt.name !== 'login')
    throw new errors.SessionNotFound('nobody was asked to sign in')
  const username = field(request.body, 'username')
  const password = field(request.body, 'password')
  const result = await deps.signIn.attempt({ username, password, address: request.ip })
  await record(deps, request, current, result)
  if (result.outcome !== 'signed_in') return refuse(deps, current, reply, username, result)
  const ts = Math.floor(deps.clock.now() / 1000)
  const { account, proof } = result
  return finish(deps.host, request, reply, { login: { accountId: account.id, ts, proof, ...passwordSignIn } })
}

function refuse(
  deps: IdpDeps,
  current: CurrentInteraction,
  reply: FastifyReply,
  username: string,
  result: Exclude<SignInResult, { outcome: 'signed_in' }>,
): Promise<FastifyReply> {
  if (result.outcome === 'refused') {
    return loginPage(deps, current, reply, { username, fault: refusedText, status: 400 })
  }
  reply.header('retry-after', String(Math.ceil(result.retryAfterMs / 1000)))
  return loginPage(deps, current, reply, { username, fault: throttledText, status: 429 })
}

async function loginPage(
  deps: IdpDeps,
  current: CurrentInteraction,
  reply: FastifyReply,
  state: { username: string; fault: string | undefined; status: number },
): Promise<FastifyReply> {
  const { path, redirectUri } = current
  const { status, ...shown } = state
  const asking = await shownClient(deps, current)
  const view = { path, client: asking, logo: logoPath(asking, path), ...shown }
  return sendPage(reply, deps.pages, { name: 'sign-in', view, status, destination: redirectUri })
}

/** Written before the answer: a sign-in that cannot be recorded does not happen. */
async function record(
  deps: IdpDeps,
  request: FastifyRequest,
  { client }: CurrentInteraction,
  result: SignInResult,
): Promise<void> {
  deps.countSignIn(result.outcome)
  const shared = { txn: request.id, details: { client_id: client.clientId, ip: request.ip } }
  if (result.outcome === 'throttled') return
  if (result.outcome === 'refused') {
    return deps.audit.append({
      action: 'account.sign_in_failed',
      actor: 'anonymous',
      subject: result.username,
      ...shared,
    })
  }
  deps.notes.add(request.raw, { client_id: client.clientId, sub: result.account.id })
  await deps.audit.append({
    action: 'account.signed_in',
    actor: result.account.id,
    subject: result.account.id,
    ...shared,
  })
}
