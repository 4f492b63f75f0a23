import type { AdminRoute as KitRoute } from '@gatehouse/kit/admin/route'
import { keyRoutes, type ManagedRing } from '@gatehouse/kit/keys/admin'
import type { IdpDeps } from '../deps.ts'
import type { AdminRoute } from './route.ts'

/** The keys of access tokens, ID tokens and security events. */
export const ringRoutes: readonly AdminRoute[] = keyRoutes.map((route: KitRoute<ManagedRing>) => ({
  ...route,
  handle: (deps, call) => route.handle(managed(deps), call),
}))

function managed({ ring, keyPolicy: policy, clock, store, outbox, audit }: IdpDeps): ManagedRing {
  return {
    ring,
    policy,
    clock,
    // Removed and told in one transaction: no gateway goes on trusting a key that is gone here.
    retireNow: (kid) =>
      store.db.transaction().execute(async (trx) => {
        const retired = await ring.retireIn(trx, kid)
        if (retired) await outbox.append(trx, { type: 'key-retired', kid })
        return retired
      }),
    record: (action, actor, kid, txn) => audit.append({ action, actor, txn, details: { kid } }),
  }
}
