import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { field } from '../http/form.ts'
import type { OwnSession } from './session.ts'

/** POST /account/revoke: takes back what one application was allowed, with all its tokens. */
export async function revokeApplication(
  deps: IdpDeps,
  session: OwnSession,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = session.account
  const clientId = field(request.body, 'client_id')
  await deps.store.db.transaction().execute(async (trx) => {
    const isForgotten = await deps.consents.forget(id, clientId, trx)
    const isEnded = await deps.artifacts.revokeClientOf(id, clientId, trx)
    if (!isForgotten && !isEnded) return
    await deps.audit.appendIn(trx, {
      action: 'consent.revoked',
      actor: id,
      subject: id,
      txn: request.id,
      details: { client_id: clientId.slice(0, 255) },
    })
  })
  return reply.redirect('/account?done=revoked', 303)
}
