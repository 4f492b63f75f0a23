import type { AdminCall, AdminRoute as KitRoute } from '@gatehouse/kit/admin/route'
import type { AuditEvent } from '@gatehouse/kit/audit'
import type { IdpDeps } from '../deps.ts'

export type AdminRoute = KitRoute<IdpDeps>

/** Puts a change on record under the name of who asked for it. */
export function record(
  { audit }: IdpDeps,
  call: AdminCall,
  event: Pick<AuditEvent, 'action' | 'subject' | 'details'>,
): Promise<void> {
  return audit.append({ ...event, actor: call.actor, txn: call.txn })
}
