import { serveAdminApi } from '@gatehouse/kit/admin/route'
import { keyRoutes, type ManagedRing } from '@gatehouse/kit/keys/admin'
import type { FastifyInstance } from 'fastify'
import type { GatewayDeps } from '../deps.ts'
import { keyPolicy } from '../keys.ts'

/** The keys of internal tokens, on the gateway's admin listener; all else is administered at the IdP. */
export function adminApi(app: FastifyInstance, deps: GatewayDeps): void {
  const { ctx, jwks, revocation } = deps
  serveAdminApi(app, {
    title: 'Gatehouse gateway: administration',
    authority: {
      issuer: ctx.config.issuer,
      now: () => ctx.clock.now(),
      key: async (kid) => (await jwks.resolve(kid))?.key,
      isRevoked: (claims, kid) => revocation.isRevoked(claims, kid),
    },
    deps: managed(deps),
    routes: keyRoutes,
  })
}

function managed({ ctx: { clock, config, log }, ring }: GatewayDeps): ManagedRing {
  return {
    ring,
    policy: keyPolicy(config),
    clock,
    // The audit log is the IdP's; what happens to this ring is in the gateway's own log.
    async commit({ actor, txn }, change) {
      const done = await ring.change(change)
      if (done !== undefined)
        log.warn({ ...done, actor, txn }, 'the ring of internal keys was changed by hand')
      return done
    },
  }
}
