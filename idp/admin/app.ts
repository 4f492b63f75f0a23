import { serveAdminApi } from '@gatehouse/kit/admin/route'
import type { FastifyInstance } from 'fastify'
import type { IdpDeps } from '../deps.ts'
import { adminRoutes } from './routes.ts'

/** The admin API, on the admin listener. */
export function adminApi(app: FastifyInstance, deps: IdpDeps): void {
  const { issuer, clock, ring, ownTokens } = deps
  serveAdminApi(app, {
    title: 'Gatehouse identity server: administration',
    authority: {
      issuer,
      now: () => clock.now(),
      key: (kid) => ring.keys().find((key) => key.kid === kid)?.publicKey,
      // At once: who was shut out would otherwise let itself in again with the token that it has.
      isRevoked: async (claims) => !(await ownTokens.holds(claims)),
      // The name that a pairwise client has for its person leads to nobody once the account is removed.
      actorOf: async (claims) => (await ownTokens.accountOf(claims)) ?? claims.sub,
    },
    deps,
    routes: adminRoutes,
  })
}
