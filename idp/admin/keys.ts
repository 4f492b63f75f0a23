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
    // Removed, told and put on record in one transaction: no gateway goes on trusting a key that is gone here.
    async commit({ actor, txn }, change) {
      const done = await store.db.transaction().execute(async (trx) => {
        const changed = await change(trx)
        if (changed === undefined) return undefined
        const { action, kid } = changed
        if (action === 'key.revoked') await outbox.append(trx, { type: 'key-retired', kid })
        await audit.appendIn(trx, { action, actor, txn, details: { kid } })
        return changed
      })
      await ring.reload()
      return done
    },
  }
}
