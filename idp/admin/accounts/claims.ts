import { personalClaims } from '../../accounts/personal-claims.ts'
import { requireMatch } from '../etag.ts'
import type { ChangeRoute } from '../route.ts'
import { accountAnswer, accountRow, holdAccount } from './view.ts'

export const setClaims: ChangeRoute = {
  method: 'PUT',
  path: '/accounts/:id/claims',
  scope: 'admin:write',
  summary: 'Sets what is known of a person (OpenID Connect Core section 5.1), in place of all that was',
  body: personalClaims,
  async prepare(deps, call) {
    const row = await accountRow(deps, call.param('id'))
    requireMatch(call.ifMatch, row)
    const { id } = row
    const claims = call.body(personalClaims)
    return {
      async run(trx) {
        await holdAccount(trx, id, call.ifMatch)
        await deps.accounts.setClaims(id, claims, trx)
        // Which, not what: the log is not for people's data.
        return { action: 'account.claims_set', subject: id, details: { claims: Object.keys(claims) } }
      },
      answer: () => accountAnswer(deps, id, { claims }),
    }
  },
}
