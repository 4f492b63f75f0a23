import { done } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import type { ChangeRoute } from '../route.ts'

export const endSession: ChangeRoute = {
  method: 'DELETE',
  path: '/sessions/:id',
  scope: 'admin:write',
  summary: 'Signs a browser out, here and at the clients it was used with',
  async prepare(deps, call) {
    const id = call.param('id')
    const row = await deps.store.db
      .selectFrom('artifacts')
      .select('account_id')
      .where((column) => column.and({ model: 'Session', id_hash: id }))
      .executeTakeFirst()
    if (row === undefined) throw new Problem('not_found')
    return {
      async run(trx) {
        const isEnded = await deps.sessions.endIn(trx, id)
        return isEnded ? { action: 'session.ended', subject: row.account_id ?? undefined } : undefined
      },
      answer: () => done,
    }
  },
}
