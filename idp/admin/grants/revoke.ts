import { done } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import type { ChangeRoute } from '../route.ts'

/** The remembered consent goes too, or the next sign-in would make the same grant again without asking. */
export const revokeGrant: ChangeRoute = {
  method: 'DELETE',
  path: '/grants/:id',
  scope: 'admin:write',
  summary: 'Takes back what a person gave a client, with all tokens; the client has to ask anew',
  async prepare(deps, call) {
    const row = await deps.store.db
      .selectFrom('artifacts')
      .select(['account_id', 'client_id'])
      .where((column) => column.and({ model: 'Grant', id_hash: call.param('id') }))
      .executeTakeFirst()
    const account = row?.account_id ?? undefined
    const client = row?.client_id ?? undefined
    if (account === undefined || client === undefined) throw new Problem('not_found')
    return {
      async run(trx) {
        await deps.consents.forget(account, client, trx)
        await deps.artifacts.revokeClientOf(account, client, trx)
        return { action: 'grant.revoked', subject: account, details: { client_id: client } }
      },
      answer: () => done,
    }
  },
}
