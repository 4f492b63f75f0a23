import type { FastifyReply, FastifyRequest } from 'fastify'
import { approve, refuse } from '../ciba/decide.ts'
import type { IdpDeps } from '../deps.ts'
import { field } from '../http/form.ts'
import { accountPage } from './page.ts'
import type { OwnSession } from './session.ts'

const overText = 'This request is over. Start again from the application.'
const tooOldText =
  'This application wants you to have signed in more recently. Sign out, sign in, and answer then.'

/** POST /account/requests: what somebody answers to a client that asked over the back channel. */
export async function answerRequest(
  deps: IdpDeps,
  session: OwnSession,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id: accountId } = session.account
  const name = field(request.body, 'request')
  const asked = (await deps.cibaRequests.pendingOf(accountId)).find((one) => one.name === name)
  if (asked === undefined) return accountPage(deps, session, reply, { fault: overText, status: 400 })
  const person = { accountId, authTime: session.authTime, txn: request.id }
  if (field(request.body, 'decision') !== 'allow') {
    await refuse(deps, asked, person)
    return reply.redirect('/account?done=refused', 303)
  }
  if (isTooOld(deps, asked.maxAge, session.authTime))
    return accountPage(deps, session, reply, { fault: tooOldText, status: 400 })
  await approve(deps, asked, person)
  return reply.redirect('/account?done=allowed', 303)
}

function isTooOld({ clock }: IdpDeps, maxAge: number | undefined, authTime: number | undefined): boolean {
  if (maxAge === undefined) return false
  return authTime === undefined || clock.now() / 1000 - authTime > maxAge
}
