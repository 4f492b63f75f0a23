import { ok } from '@gatehouse/kit/admin/route'
import type { ReadRoute } from '../route.ts'

/** Count and hash of the end are for keeping elsewhere: they show that the whole log was put back to an earlier state. */
export const verifyAudit: ReadRoute = {
  method: 'GET',
  path: '/audit/verify',
  scope: 'admin:read',
  summary: 'Whether the audit log is as it was written, and its end',
  async handle({ audit }) {
    const { verdict, head } = await audit.verify()
    return ok({ ...verdict, head })
  },
}
