import type { AdminAnswer, AdminCall, AdminRoute as KitRoute } from '@gatehouse/kit/admin/route'
import type { AuditEvent } from '@gatehouse/kit/audit'
import type { Transaction } from 'kysely'
import type { IdpDeps } from '../deps.ts'
import type { IdpTables } from '../storage/tables.ts'

export type AdminRoute = KitRoute<IdpDeps>

/** A route that shows something. */
export type ReadRoute = AdminRoute & { readonly method: 'GET' }

/** What a change puts on record; who asked for it is added. */
export type OnRecord = Pick<AuditEvent, 'action' | 'subject' | 'details'>

/** What a request comes to. */
export interface Change {
  /**
   * Changes the store, all in this transaction, security events last.
   * @returns what goes on record with it, in the same transaction; undefined when there was nothing to change
   */
  readonly run: (trx: Transaction<IdpTables>) => Promise<OnRecord | undefined>
  /** Runs when the change is there to stay. */
  readonly answer: () => AdminAnswer | Promise<AdminAnswer>
}

/** A route that changes something: it says what, and {@link changing} does it. */
export interface ChangeRoute extends Omit<AdminRoute, 'method' | 'handle'> {
  readonly method: Exclude<AdminRoute['method'], 'GET'>
  /** Looks whether it may be, and does what takes its time. Changes nothing. */
  prepare(deps: IdpDeps, call: AdminCall): Change | Promise<Change>
}

/** A change and its entry in the audit log are one transaction: either both are there, or neither. */
export function changing(route: ChangeRoute): AdminRoute {
  return {
    ...route,
    async handle(deps, call) {
      const { run, answer } = await route.prepare(deps, call)
      await deps.store.db.transaction().execute(async (trx) => {
        const entry = await run(trx)
        if (entry !== undefined)
          await deps.audit.appendIn(trx, { ...entry, actor: call.actor, txn: call.txn })
      })
      return answer()
    },
  }
}
