import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import { maxPasswordLength } from '../accounts/passwords.ts'
import type { IdpDeps } from '../deps.ts'
import { tellOfPerson } from '../events/person.ts'
import { field } from '../http/form.ts'
import { partsOfPerson, tellClients } from '../sessions/end-login.ts'
import type { OwnSession } from './session.ts'
import { accountPage } from './page.ts'

const minPasswordLength = 12
/** Characters of a user name that says something of a password which it is in. */
const shortestTelling = 3

/** POST /account/password: a new password ends every other session and everything that was handed out. */
export async function changePassword(
  deps: IdpDeps,
  session: OwnSession,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const next = field(request.body, 'next')
  const fault = faultIn(next, session.account.username)
  if (fault !== undefined) return accountPage(deps, session, reply, { fault, status: 400 })
  const { username, id } = session.account
  const result = await deps.signIn.attempt({
    username,
    password: field(request.body, 'current'),
    address: request.ip,
  })
  if (result.outcome === 'throttled') {
    reply.header('retry-after', String(Math.ceil(result.retryAfterMs / 1000)))
    return accountPage(deps, session, reply, {
      fault: 'There were too many attempts. Wait a few minutes.',
      status: 429,
    })
  }
  if (result.outcome === 'refused') {
    return accountPage(deps, session, reply, { fault: 'The current password is not right.', status: 400 })
  }
  const passwordHash = await deps.passwords.hash(next)
  const parts = await deps.store.db.transaction().execute(async (trx) => {
    await deps.accounts.setPasswordHash(id, passwordHash, trx)
    // An administrator may have set one since the current one was checked, which is to last: the session ended with that.
    if (!(await deps.artifacts.isThere('Session', session.id, trx)))
      throw new errors.SessionNotFound('signed out meanwhile')
    const ended = await partsOfPerson(deps.artifacts, id, trx, session.id)
    await deps.artifacts.revokeAccount(id, session.id, trx)
    const change = { credentialType: 'password', changeType: 'update' } as const
    await tellOfPerson(trx, deps.outbox, { type: 'credential-change', sub: id, ...change })
    const entry = { action: 'account.password_changed', actor: id, subject: id, txn: request.id }
    await deps.audit.appendIn(trx, entry)
    return ended
  })
  await tellClients(deps, id, parts)
  return reply.redirect('/account?done=password', 303)
}

function faultIn(password: string, username: string): string | undefined {
  if (password.length < minPasswordLength)
    return `The new password needs at least ${minPasswordLength} characters.`
  if (password.length > maxPasswordLength)
    return `The new password may have ${maxPasswordLength} characters at most.`
  // A shorter one is in many a password by chance.
  if (username.length >= shortestTelling && password.toLowerCase().includes(username))
    return 'The new password must not contain your user name.'
  return undefined
}
