import { ok } from '@gatehouse/kit/admin/route'
import { etagOf } from '../etag.ts'
import type { ReadRoute } from '../route.ts'
import { accountRow, accountView } from './view.ts'

export const showAccount: ReadRoute = {
  method: 'GET',
  path: '/accounts/:id',
  scope: 'admin:read',
  summary: 'One account, with its address and what else is known of the person',
  async handle(deps, call) {
    const view = accountView(await accountRow(deps, call.param('id')))
    const account = await deps.accounts.find(view.id)
    return ok(
      { ...view, email: account?.email ?? null, claims: account?.claims() ?? {} },
      { etag: etagOf(view) },
    )
  },
}
