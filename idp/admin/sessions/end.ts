import { done } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { tellClients } from '../../sessions/end-login.ts'
import { partsOf, type Part } from '../../sessions/login.ts'
import { idHash } from '../../storage/hash.ts'
import type { Artifacts } from '../../storage/artifacts.ts'
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
    const account = row.account_id ?? undefined
    const parts = account === undefined ? [] : await partsOfSession(deps.artifacts, account, id)
    return {
      async run(trx) {
        const isEnded = await deps.sessions.endIn(trx, id)
        return isEnded ? { action: 'session.ended', subject: account } : undefined
      },
      async answer() {
        if (account !== undefined) await tellClients(deps, account, parts)
        return done
      },
    }
  },
}

async function partsOfSession(
  artifacts: Artifacts,
  accountId: string,
  id_hash: string,
): Promise<readonly Part[]> {
  const sessions = await artifacts.sessionsOf(accountId)
  const session = sessions.find(({ jti }) => jti !== undefined && idHash(jti) === id_hash)
  return session === undefined ? [] : partsOf(session)
}
