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
    const row = await accountRow(deps, call.param('id'))
    const account = await deps.accounts.find(row.id)
    return ok(
      { ...accountView(row), email: account?.email ?? null, claims: account?.claims() ?? {} },
      { etag: etagOf(row) },
    )
  },
}
